"""What was pasted: a URL, a command of curl or a raw request, taken apart, and nothing judged yet.

    pasted   = [ method ] target                                       a URL alone: its headers are not known
             / "curl" words                                            as a shell would read them
             / method target [ version ] *( line-end field ) [ blank-line body ]      a request, RFC 9112
    target   = URL / path [ "?" query ]

A raw request may have ``> `` before each line, as curl's own ``-v`` prints it, and a target that goes on in the next
lines, from ``?`` or ``&`` on, as documentation prints it. What is secret is hidden here, before anything looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from restli_core.base_errors import InvalidCallError, printable
from restli_core.explaining.shell_words import split_words
from restli_core.patterns import lazy_pattern
from restli_core.percent import quote_all
from restli_core.values import Value

__all__ = ["HIDDEN", "Pasted", "read_pasted"]

HIDDEN: Final = "..."
"""What stands in the place of a secret; it may stand in a URL as well."""

_METHOD: Final = lazy_pattern(r"([A-Za-z]{2,10})[ \t]+(?=\S)")
_VERSION: Final = lazy_pattern(r"[ \t]+HTTP/[0-9.]+[ \t]*\Z")
_FIELD: Final = lazy_pattern(r"[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*(.*?)[ \t]*\Z", re.DOTALL)
_SCHEME: Final = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]")
_HOST: Final = lazy_pattern(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::[0-9]+)?(?=[/?])|localhost(?::[0-9]+)?(?=[/?])")
_OAUTH: Final = lazy_pattern(r"https?://[^/?#]*linkedin\.com/(?:(?:uas/)?oauth/|v2/userinfo(?:[?#]|\Z))", re.IGNORECASE)
_USER: Final = lazy_pattern(r"\A([^/?#]*//)[^/?#]*@")
_SECRET_PARAMETERS: Final = lazy_pattern(
    r"([?&](?:oauth2_access_token|access_token|client_secret|refresh_token)=)([^&#]*)", re.IGNORECASE
)
# The same in the query that a tunnel has in its body.
_IN_A_TUNNEL: Final = lazy_pattern(
    rb"((?:\A|[&\n])(?:oauth2_access_token|access_token|client_secret|refresh_token)=)([^&\r\n]*)", re.IGNORECASE
)


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
        InvalidCallError: it is not a request.
        DecodeError: a quote in a command is not closed.
    """
    if not isinstance(text, str):
        raise InvalidCallError("text", f"must be text, not {type(text).__name__}")
    stripped = text.strip().removeprefix("\ufeff").removeprefix("$ ").strip()
    if not stripped:
        raise InvalidCallError("text", "is empty: paste a URL, a curl command or an HTTP request")
    first = stripped.split(maxsplit=1)[0].lower()
    is_curl = first in {"curl", "curl.exe"}
    pasted = _read_command(stripped) if is_curl else _read_message(stripped)
    address = _address(pasted.url)
    if pasted.headers is None:
        address = address.partition("#")[0]  # a fragment is not sent
    if _OAUTH.match(address):
        raise InvalidCallError(
            "text", "is a request of OAuth or OpenID Connect, and not one of Rest.li: see restli_core.oauth"
        )
    shown = _SECRET_PARAMETERS.sub(rf"\g<1>{HIDDEN}", _USER.sub(r"\1", address))
    hidden = tuple([name.strip("?&=") for name, _ in _SECRET_PARAMETERS.findall(address)])
    body = pasted.body
    if body and any(name.lower() == "x-http-method-override" for name, _ in pasted.headers or ()):
        hidden += tuple([name.strip(b"&=\n").decode() for name, _ in _IN_A_TUNNEL.findall(body)])
        body = _IN_A_TUNNEL.sub(rb"\g<1>" + HIDDEN.encode(), body)
    return pasted.__replace__(url=shown, hidden=hidden, body=body)


def _address(url: str) -> str:
    """Return a target, whole or a path; a host alone gets the scheme that people leave out."""
    url = url.strip().strip("<>")
    if url.startswith("/") or _SCHEME.match(url):
        return url
    if _HOST.match(url):
        return f"https://{url}"
    raise InvalidCallError(
        "text", f"{printable(url, 60)!r} is not a request: paste a URL, or a path that begins with /"
    )


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
    while index < len(lines) and lines[index].strip()[:1] in {"?", "&"}:
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
        field = _FIELD.match(line)
        if field is None:
            # A body may follow without the blank line that should be before it.
            after = rest[place + (not line.strip()) :]
            body = "\n".join(after).strip("\n")
            return Pasted(verb, "".join(target), tuple(fields), body.encode("utf-8", "surrogatepass"))
        fields.append((field[1], field[2]))
    return Pasted(verb, "".join(target), tuple(fields), b"")


# -- curl --------------------------------------------------------------------------------------------------------------

# Options that take a value, by what is done with it; all the others stand alone, or do not matter.
_LONG: Final[Mapping[str, str]] = {
    "-X": "--request",
    "-H": "--header",
    "-d": "--data",
    "-G": "--get",
    "-I": "--head",
    "-A": "--user-agent",
    "-F": "--form",
    "-T": "--upload-file",
}
_DATA: Final = frozenset({"--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"})
_VALUES: Final = _DATA | {"--request", "--header", "--url", "--user-agent", "--form", "--upload-file"}
# Values that say nothing about the request, or are secret.
_PASSED_OVER: Final = frozenset(
    {
        "-u",
        "--user",
        "-b",
        "--cookie",
        "-c",
        "--cookie-jar",
        "-o",
        "--output",
        "-m",
        "--max-time",
        "--connect-timeout",
        "-x",
        "--proxy",
        "-w",
        "--write-out",
        "-e",
        "--referer",
        "--retry",
        "--retry-delay",
        "-E",
        "--cert",
        "--key",
        "--cacert",
        "--resolve",
        "--oauth2-bearer",
        "-K",
        "--config",
        "-D",
        "--dump-header",
        "--max-filesize",
        "--limit-rate",
        "--interface",
        "--proto",
        "-U",
        "--proxy-user",
    }
)
_SHORT_WITH_VALUE: Final = frozenset("XHdAFTubcomxweEKDU")


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the options of a command with their values, empty for those without; the addresses as ``--url``."""
    waiting = iter(words)
    for word in waiting:
        if word.startswith("--"):
            name = word
            yield name, next(waiting, "") if name in _VALUES or name in _PASSED_OVER else ""
        elif word.startswith("-") and len(word) > 1:
            # Short ones may stand together, and the last one's value right after it: -sXPOST.
            for place, letter in enumerate(word[1:], start=2):
                name = _LONG.get(f"-{letter}", f"-{letter}")
                if letter in _SHORT_WITH_VALUE:
                    yield name, word[place:] or next(waiting, "")
                    break
                yield name, ""
        else:
            yield "--url", word


# Quotes that a text gets in a word processor or on a page; and what ends a command outside of quotes.
_TYPOGRAPHIC: Final = {0x201C: '"', 0x201D: '"', 0x201E: '"', 0x2018: "'", 0x2019: "'"}
_AFTER_SPACE: Final = lazy_pattern(r"\s[\u201c\u201d\u201e\u2018\u2019]")
_NOT_QUOTED: Final = lazy_pattern(r"\shttps?://[^\s'\"&;|()<>]*([&;|()<>])")


def _read_command(text: str) -> Pasted:
    """Return the request of a command, with notes on what a shell would make of it."""
    notes: list[str] = []
    if _AFTER_SPACE.search(text):
        text = text.translate(_TYPOGRAPHIC)
        notes.append("the quotes are typographic, which no shell takes for quotes: write ' or \"")
    bare = _NOT_QUOTED.search(text)
    if bare is not None:
        notes.append(f"the URL is not in quotes: a shell does not take the {bare[1]} in it for a part of it")
    pasted = _read_curl(split_words(text))
    return pasted.__replace__(notes=(*notes, *pasted.notes))


def _read_curl(words: list[str]) -> Pasted:
    """Return the request that curl would send."""
    options = [*_options(words[1:])]
    names = {name for name, _ in options}
    # A command may have several addresses; what is not one was probably to be in quotes with what is before it.
    url = next((value for name, value in options if name == "--url" and value), "")
    if not url:
        raise InvalidCallError("text", "is a curl command without a URL")
    # One without a value is one that curl is to leave out.
    found = [_FIELD.match(value) for name, value in options if name == "--header"]
    fields = [(field[1], field[2]) for field in found if field is not None and field[2]]
    fields += [("User-Agent", value) for name, value in options if name == "--user-agent"]
    given = [(name, value) for name, value in options if name in _DATA]
    data = [_urlencoded(value) if name == "--data-urlencode" else value for name, value in given]
    files = [value for name, value in given if value.startswith("@") and name != "--data-raw"]
    notes = [f"the body is in the file {printable(value[1:], 60)}, and not shown here" for value in files]
    notes += [
        f"{name} sends a file, which is not shown here: a Rest.li request has JSON in its body"
        for name in sorted(names & {"--form", "--upload-file"})
    ]
    body = ("" if "--json" in names else "&").join(data)
    address = url.partition("#")[0]
    if "--get" in names:
        address += ("&" if "?" in address else "?") + body if body else ""
        data, body = [], ""
    if data and not any(name.lower() == "content-type" for name, _ in fields):
        kind = "application/json" if "--json" in names else "application/x-www-form-urlencoded"
        fields.append(("Content-Type", kind))
    method = next((value.upper() for name, value in reversed(options) if name == "--request"), None)
    default = "HEAD" if "--head" in names else "POST" if data else "GET"
    encoded = None if files else body.encode("utf-8", "surrogatepass")
    return Pasted(method or default, address, tuple(fields), encoded, notes=tuple(notes))


def _urlencoded(value: str) -> str:
    """Return what ``--data-urlencode`` sends: the text after the first ``=`` is encoded, or all of it."""
    name, equals, text = value.partition("=")
    return f"{name}{'=' if name else ''}{quote_all(text)}" if equals else quote_all(value)
