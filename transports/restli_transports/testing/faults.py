"""What the embedded server does to a request on purpose, in place of its answer or to it.

is_silent            nothing is sent             close or reset, and nothing else
raw                  these bytes are sent        in place of HTTP, and the connection is closed
response             this answer is sent         in place of the handler's
delay, drip          late, or slowly
truncate             cut short, and the connection is closed
reset                what has been sent ends in a TCP reset
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from restli_core.messages import HttpResponse

__all__ = ["NO_FAULT", "Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What one request gets.

    Attributes:
        response: an answer in place of the handler's; None for the handler's.
        delay: seconds to wait before the answer.
        truncate: after how many bytes of the body the connection is closed; None for all of them.
        close: whether the connection is closed without an answer.
        reset: whether the connection ends in a TCP reset.
        drip: seconds before each byte of the body, or of `raw`.
        raw: bytes to send in place of HTTP.
    """

    response: HttpResponse | None = None
    delay: float = 0
    truncate: int | None = None
    close: bool = False
    reset: bool = False
    drip: float = 0
    raw: bytes | None = None

    @property
    def is_silent(self) -> bool:
        """True where nothing is sent at all."""
        return self.close or (self.reset and self.truncate is None and self.raw is None)


NO_FAULT: Final = Fault()
