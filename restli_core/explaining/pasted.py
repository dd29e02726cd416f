"""What was pasted: a URL, a command of curl or a raw request, taken apart, and nothing judged yet.

    pasted   = [ method ] target                                       a URL alone: its headers are not known
             / command                                                 of curl, as a shell would read it
             / method target [ version ] *( line-end field ) [ blank-line body ]      a request, RFC 9112
             / text with one of these targets in it                    a line of a log: the target is read alone
    target   = URL / path [ "?" query ]

A raw request may have ``> `` before each line, as curl's own ``-v`` prints it. A target may be in quotes, go on in the
next lines, and have ``&amp;`` for ``&``, as pages print it. What is secret is hidden here, before anything looks at it,
and no error shows any of the text.
"""

from __future__ import annotations

import re
from typing import Final

from restli_core.base_errors import InvalidCallError
from restli_core.explaining.curl_commands import HIDDEN, header_field, is_curl_command, read_command
from restli_core.messages import without_user_information
from restli_core.patterns import lazy_pattern
from restli_core.values import Value

__all__ = ["Pasted", "read_pasted"]

_METHOD: Final = lazy_pattern(r"([A-Z]{2,10}|(?i:get|post|put|patch|delete|head|options))[ \t]+(?=\S)")
_VERSION: Final = lazy_pattern(r"(?<![ \t])[ \t]+HTTP/[0-9.]+[ \t]*\Z")
_SCHEME: Final = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]")
_HOST: Final = lazy_pattern(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::[0-9]+)?(?=[/?])|localhost(?::[0-9]+)?(?=[/?])")
_OAUTH: Final = lazy_pattern(r"https?://[^/?#]*linkedin\.com/(?:(?:uas/)?oauth/|v2/userinfo(?:[?#]|\Z))", re.IGNORECASE)
_SECRETS: Final = "(?:oauth2_access_token|access_token|client_secret|refresh_token)"  # parameters
_IN_A_URL: Final = lazy_pattern(rf"([?&]{_SECRETS}=)[^&#]*", re.IGNORECASE)
# The same in a body that is a form, or the query of a tunnel.
_IN_A_BODY: Final = lazy_pattern(rf"((?:\A|[&\n]){_SECRETS}=)[^&\r\n]*".encode(), re.IGNORECASE)


class Pasted(Value):
    """A request as it was pasted.

    Attributes:
        method: the HTTP method; None where none was written.
        url: the target, without secrets; it may have characters that no URL has.
        headers: the header fields; None where the text is a URL alone, and shows none.
        body: the body, empty for none; None where it is not shown: of a URL alone, and of a file.
        hidden: names of parameters whose values were hidden.
        notes: what is odd about the command itself.
    """

    method: str | None
    url: str
    headers: tuple[tuple[str, str], ...] | None
    body: bytes | None
    hidden: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_pasted(text: str) -> Pasted:
    """Return the parts of a request that was pasted.

    Raises:
        InvalidCallError: it is not a request, or a quote in a command is not closed.
    """
    if not isinstance(text, str):
        raise InvalidCallError("text", f"must be text, not {type(text).__name__}")
    stripped = text.strip().removeprefix("\ufeff").removeprefix("$ ").strip()
    if not stripped:
        raise InvalidCallError("text", "is empty: paste a URL, a curl command or an HTTP request")
    pasted = _of_command(stripped) if is_curl_command(stripped) else _of_text(stripped)
    address = _address(pasted.url)
    if address is None:
        raise InvalidCallError("text", _UNKNOWN)
    if "&amp;" in address:
        address = address.replace("&amp;", "&")
        pasted = pasted.__replace__(notes=(*pasted.notes, "&amp; is how HTML writes &, and is read as that"))
    if pasted.headers is None:
        address = address.partition("#")[0]  # a fragment is not sent
    if _OAUTH.match(address):
        raise InvalidCallError(
            "text", "is a request of OAuth or OpenID Connect, and not one of Rest.li: see restli_core.oauth"
        )
    shown = _IN_A_URL.sub(rf"\g<1>{HIDDEN}", without_user_information(address))
    hidden = tuple([name.strip("?&=") for name in _IN_A_URL.findall(address)])
    body = pasted.body
    if body:
        hidden += tuple([name.strip(b"&=\n").decode() for name in _IN_A_BODY.findall(body)])
        body = _IN_A_BODY.sub(rb"\g<1>" + HIDDEN.encode(), body)
    return pasted.__replace__(url=shown, hidden=hidden, body=body)


_UNKNOWN: Final = "is not a request: paste a URL, a path that begins with /, a curl command or an HTTP request"


def _address(url: str) -> str | None:
    """Return a target, whole or a path; a host alone gets the scheme that people leave out. None: it is not one."""
    url = url.strip()
    if url.startswith("<") and url.endswith(">"):
        url = url[1:-1]
    if url.startswith("/") or _SCHEME.match(url):
        return url
    return f"https://{url}" if _HOST.match(url) else None


def _of_command(text: str) -> Pasted:
    command = read_command(text)
    return Pasted(command.method, command.url, command.headers, command.body, notes=command.notes)


# -- texts that have a request in them ---------------------------------------------------------------------------------

# How what is not read begins, or what it has in it, and what it is: it has the parts of its request in several places.
_NOT_READ: Final = (
    (lazy_pattern(r"(?:https?|xhs?|wget)\s", re.IGNORECASE), "a command of another program than curl"),
    (lazy_pattern(r"[^\n]*\b(?:Invoke-(?:WebRequest|RestMethod)|New-Object|iwr|irm)\s", re.IGNORECASE), "PowerShell"),
    (lazy_pattern(r"(?:[^\n]*=\s*)?(?:await\s+)?(?:fetch|\$\.ajax|axios[.\w]*)\s*\("), "JavaScript"),
    (
        lazy_pattern(r"import\s+\w+|from\s+\S+\s+import\s|[^\n]*\b(?:requests|httpx|session|urllib[\w.]*)\.\w+\("),
        "Python",
    ),
)
_QUOTED: Final = lazy_pattern(r"([\"'`])([^\"'`\s]+)\1")
_LOGGED: Final = lazy_pattern(r"\"([A-Z]{3,7}) (/[^\s\"]*) HTTP/[0-9.]+\"")
_INSIDE: Final = lazy_pattern(r"(?:\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)[ :]+)?(https?://[^\s\"'<>`]+)")
_ALONE: Final = "the text has more than a URL, of which only the URL is read"


def _of_text(text: str) -> Pasted:
    """Return the parts of a raw request, of a URL alone, or of the one URL that is in a text."""
    quoted = _QUOTED.fullmatch(text)
    text = quoted[2] if quoted else text
    for pattern, what in _NOT_READ:
        if pattern.match(text):
            cure = 'paste its URL, or a curl command: a browser has "Copy as cURL (bash)", Postman "Code snippet"'
            raise InvalidCallError("text", f"is {what}, which is not read: {cure}")
    logged = None if "\n" in text else _LOGGED.search(text)
    if logged is not None:
        return Pasted(logged[1], logged[2], None, None, notes=(_ALONE,))
    pasted = _read_message(text)
    if _address(pasted.url) is not None:
        return pasted
    found = {(one[1], one[2].rstrip(".,;:!?")): one.start(2) for one in _INSIDE.finditer(text)}
    if len(found) != 1:
        return pasted
    ((method, url), start) = found.popitem()
    if url.endswith(")") and text[:start].endswith("("):
        url = url[:-1]
    return Pasted(method, url, None, None, notes=(_ALONE,))


# -- a URL, or a raw request -------------------------------------------------------------------------------------------


def _read_message(text: str) -> Pasted:
    """Return the parts of a raw request, or of a URL alone."""
    lines = re.split(r"\r?\n", text)
    if lines[0].startswith("> "):
        lines = [line[2:] if line.startswith("> ") else line.removeprefix(">") for line in lines]
    method = _METHOD.match(lines[0])
    start = method.end() if method else 0
    target = [_VERSION.sub("", lines[0][start:])]
    has_version = target[0] != lines[0][start:]
    index = 1
    while index < len(lines) and _goes_on(lines[index].strip(), has_version):
        line = lines[index].strip()
        target.append(_VERSION.sub("", line))
        has_version = has_version or target[-1] != line
        index += 1
    verb = None if method is None else method[1].upper()
    rest = lines[index:]
    if not rest and not has_version:
        return Pasted(verb, "".join(target), None, None)
    fields: list[tuple[str, str]] = []
    for place, line in enumerate(rest):
        field = header_field(line)
        if field is None:
            # A body may follow without the blank line that should be before it.
            after = rest[place + (not line.strip()) :]
            body = "\n".join(after).strip("\n")
            return Pasted(verb, "".join(target), tuple(fields), body.encode("utf-8", "surrogatepass"))
        fields.append(field)
    return Pasted(verb, "".join(target), tuple(fields), b"")


def _goes_on(line: str, has_version: bool) -> bool:
    """Return whether a line goes on with the target of the line before it, which a page or an editor has broken."""
    if line[:1] in {"?", "&"}:
        return True
    return not has_version and bool(line) and line[0] not in "{[" and " " not in line and header_field(line) is None
