"""Processing: waiting until what was uploaded may be used.

status               images, documents, videos            of an asset's recipe
at work              WAITING_UPLOAD, PROCESSING           any other
done                 AVAILABLE                            AVAILABLE
failed               PROCESSING_FAILED, with a            PROCESSING_FAILED, CLIENT_ERROR, SERVER_ERROR
                     processingFailureReason

A member's token that may only post may not read media: its 403 is the end of the wait, and not of the upload.
(https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api and its neighbours.)
"""

from __future__ import annotations

from typing import Any, Final

from restli_core.base_errors import InvalidCallError, RestliError, printable
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.errors import ForbiddenError, PollTimeoutError
from restli_core.flows.polling import poll
from restli_core.flows.steps import Flow, check_seconds
from restli_core.responses import GetResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.urn import Urn  # noqa: TC001 - for typing.get_type_hints
from restli_core.values import Value

__all__ = ["ProcessingFailedError", "Waiting", "status_of"]

_DONE: Final = "AVAILABLE"
_FAILED: Final = frozenset({"PROCESSING_FAILED", "CLIENT_ERROR", "SERVER_ERROR"})
MAX_REASON: Final = 450  # characters


class ProcessingFailedError(RestliError):
    """LinkedIn has all bytes of what was uploaded, and cannot use them.

    Attributes:
        urn: what was uploaded.
        reason: LinkedIn's `processingFailureReason`; None where it gave none.
        answer: the answer that says so.
    """

    urn: Urn
    reason: str | None
    answer: GetResponse

    def __init__(self, urn: Urn, reason: str | None, answer: GetResponse) -> None:
        said = printable(reason, MAX_REASON) if reason else "it does not say why"
        super().__init__(f"{urn} was uploaded, and LinkedIn could not process it: {said}")
        self.urn = urn
        self.reason = reason
        self.answer = answer


class Waiting(Value):
    """Whether, and how long, to wait for what was uploaded.

    Args:
        wait: ``"available"``, or None for not at all.
        within: seconds that may be spent on waits.

    Raises:
        InvalidCallError: one of these is something else; names it.
    """

    wait: str | None
    within: float

    def __init__(self, wait: str | None, within: float) -> None:
        if wait is not None and wait != "available":
            raise InvalidCallError("wait", "must be 'available', or None for not waiting")
        check_seconds("within", within)
        super().__init__(wait, within)

    def available(self, urn: Urn, call: Call[GetResponse]) -> Flow[Urn]:
        """Return the URN, once what it is of is available, if that is to be waited for.

        Args:
            urn: what was uploaded.
            call: gets it.

        Raises:
            ProcessingFailedError: LinkedIn could not process it.
            PollTimeoutError: it was not available in time.
        """
        if self.wait is None:
            return urn
        try:
            answer = yield from poll(call, until=_is_over, within=self.within)
        except ForbiddenError:
            return urn
        except PollTimeoutError as error:
            status = status_of(error.answer.entity) or "without a status"
            said = f"{urn} was uploaded, and was still {printable(status, MAX_REASON)} after {self.within:g} s"
            raise PollTimeoutError(f"{said}; it may be used as soon as it is {_DONE}", error.answer) from None
        if status_of(answer.entity) != _DONE:
            reason = answer.entity.get("processingFailureReason")
            raise ProcessingFailedError(urn, reason if isinstance(reason, str) else None, answer)
        return urn


def _is_over(answer: GetResponse) -> bool:
    status = status_of(answer.entity)
    return status == _DONE or status in _FAILED


def status_of(entity: Any) -> str | None:
    """Return the status of an image, a document, a video, or of an asset's recipes; None where there is none.

    Of several recipes it is the first that is not available.
    """
    if not isinstance(entity, dict):
        return None
    recipes = entity.get("recipes")
    if not isinstance(recipes, list):
        status = entity.get("status")
        return status if isinstance(status, str) else None
    statuses = [one.get("status") for one in recipes if isinstance(one, dict)]
    texts = [status for status in statuses if isinstance(status, str)]
    return next((status for status in texts if status != _DONE), texts[0] if texts else None)
