"""Library errors: what they say of a request, less its secrets.

An error of a library is the cause of one of ours. It may quote what a server has sent, which may repeat an
Authorization; have the request as the library had it, with its headers and its body; and have passed functions whose
local variables are bytes on their way to the wire. Log lines and reporters of errors show all of that.

So it is changed in place: it stays of its type, with its own words, but for secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from restli_core.frames import clear_frames
from restli_core.patterns import lazy_pattern

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest

__all__ = ["conceal"]

# RFC 3986 section 3.2.1: a library may quote the URL of a proxy.
_PROXY_PASSWORD: Final = lazy_pattern(r"//[^/\s]*@")
_SECRET_HEADERS: Final = ("Authorization", "Proxy-Authorization", "Cookie")
# Where the libraries' errors keep the request: requests, httpx.
_REQUESTS: Final = ("request", "_request")

Hide = Callable[[str], str]


def conceal(raised: BaseException, request: HttpRequest, *, outer: BaseException | None = None) -> None:
    """Take the secrets of a request out of an error, and out of those that it was made of.

    Args:
        raised: the error.
        request: the request; what counts as secret is its token, the secrets in its form, and its query where it stands
            after a question mark, since URLs may be signed.
        outer: an error that was being handled when the request was made, which is not looked at.
    """
    query = request.url.partition("?")[2].partition("#")[0]

    def hide(text: str) -> str:
        text = _PROXY_PASSWORD.sub("//", request.without_secrets(text))
        return text.replace(f"?{query}", "?…") if query else text

    for error in _chain(raised, outer):
        clear_frames(error)
        for name in _REQUESTS:
            _strip(vars(error).get(name), hide, without_body=not request.redacted().body)
        with suppress(Exception):  # an error of another library may be of any make
            error.args = tuple(_hidden(value, hide) for value in error.args)
        # The attributes of OSError and UnicodeError, which they have beside their args; and those of the others.
        for name in ("strerror", "object", *vars(error)):
            value = getattr(error, name, None)
            hidden = _hidden(value, hide)
            if hidden is not value:
                with suppress(Exception):
                    setattr(error, name, hidden)


def _chain(raised: BaseException, outer: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and those that it was made of."""
    waiting: list[Any] = [raised]
    seen: set[int] = {id(outer)}
    while waiting:
        error = waiting.pop()
        if not isinstance(error, BaseException) or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        # Libraries keep a cause in several places.
        waiting += [error.__cause__, error.__context__, *error.args, *vars(error).values()]
        waiting += error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _hidden(value: Any, hide: Hide) -> Any:
    """Return a text, bytes, or a list of them, without secrets; itself where there are none in it."""
    if isinstance(value, str):
        hidden = hide(value)
        return value if hidden == value else hidden
    if isinstance(value, bytes | bytearray):
        text = value.decode("latin-1")
        hidden = hide(text)
        return value if hidden == text else type(value)(hidden.encode("utf-8"))
    if type(value) in {list, tuple}:
        parts = [_hidden(part, hide) for part in value]
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else type(value)(parts)
    return value


def _strip(sent: Any, hide: Hide, *, without_body: bool) -> None:
    """Take the secrets out of a library's request: it has been sent, or never will be."""
    headers = getattr(sent, "headers", None)
    if isinstance(headers, MutableMapping):
        for name in _SECRET_HEADERS:
            headers.pop(name, None)
    for name, value in vars(sent).items() if hasattr(sent, "__dict__") else ():
        if name == "url" and value is not None:
            # requests has a text; the URLs of httpx would escape the sign that stands for what is left out.
            text = str(value)
            sent.url = hide(text) if isinstance(value, str) else type(value)(text.partition("?")[0])
        elif without_body and name in {"body", "_content"}:
            setattr(sent, name, None if name == "body" else b"")
