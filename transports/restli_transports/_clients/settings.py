"""Settings of a client: the defaults that it adds to its calls, and how it sends them and reads their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.building import check_version
from restli_core.messages import Authorization, bearer, check_header_value
from restli_core.paths import UNVERSIONED_BASE_URL, check_base_url
from restli_core.responses.parsing import strict_loads
from restli_transports.transport import Timeout, check_timeout
from restli_transports.wire.urls import parse_url

if TYPE_CHECKING:
    from restli_core.bodies import Dumps
    from restli_core.responses.parsing import Loads
    from restli_transports.token_source import AsyncTokenSource, TokenSource
    from restli_transports.wire.urls import ParsedUrl

__all__ = ["DEFAULT_TIMEOUT", "Settings"]

DEFAULT_TIMEOUT: Final = Timeout()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a client; the arguments are those of `RestliClient`.

    Attributes:
        home: the base URL of the client's own calls, in its parts.

    Raises:
        InvalidCallError: a setting that no call could be sent with; names it.
    """

    access_token: str | Authorization | TokenSource | AsyncTokenSource | None = field(default=None, repr=False)
    version_string: str | None = None
    base_url: str | None = None
    timeout: Timeout = DEFAULT_TIMEOUT
    user_agent: str | None = None
    loads: Loads = strict_loads
    dumps: Dumps | None = None
    home: ParsedUrl = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_timeout(self.timeout)
        if isinstance(self.access_token, str | Authorization):
            bearer(self.access_token)
        elif self.access_token is not None:
            _check_source(self.access_token)
        if self.version_string is not None:
            check_version(self.version_string)
        if self.user_agent is not None:
            check_header_value("headers['User-Agent']", self.user_agent)
        try:
            home = parse_url(UNVERSIONED_BASE_URL if self.base_url is None else check_base_url(self.base_url))
        except InvalidCallError as error:  # parse_url calls it a url
            raise InvalidCallError("base_url", error.reason) from None
        # Parsed once, since every call is compared with it; set in this way, since the value is frozen.
        object.__setattr__(self, "home", home)

    def is_own(self, url: str) -> bool:
        """Return whether a URL has the origin of the client's own calls."""
        base = self.home.base
        # The usual case needs no parsing: the same scheme, host and port as written, and nothing after them that would
        # make them another host ("https://api.linkedin.com.example", "https://api.linkedin.com@example").
        if url.startswith(base) and url[len(base) : len(base) + 1] in {"", "/", "?"}:
            return True
        try:
            return parse_url(url).origin == self.home.origin
        except InvalidCallError:
            return False


def _check_source(source: Any) -> None:
    """Raise an InvalidCallError for what cannot be asked for tokens."""
    if isinstance(source, type) or not callable(getattr(source, "token", None)):
        kind = source if isinstance(source, type) else type(source)
        raise InvalidCallError("access_token", f"must be text, or a source with a method token, not {kind.__name__}")
