r"""Commands of curl, and what they send; as a shell runs them, or as a browser copies them for one.

    line     = [ producer "|" ] "curl" words *( ( "|" / "&&" / "||" / ";" / ">" ) words )
    producer = "printf" format *text / "echo" [ "-n" ] *text         the body of -d @-; of any other it is not known

Windows' cmd has carets for escapes, ``^"``, which browsers write everywhere in what they copy for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from restli_core.base_errors import DecodeError, InvalidCallError, printable
from restli_core.explaining.shell_words import split_words
from restli_core.patterns import lazy_pattern
from restli_core.percent import quote_all
from restli_core.values import Value

__all__ = ["HIDDEN", "CurlCommand", "header_field", "is_curl_command", "read_command"]

HIDDEN: Final = "..."
"""What stands in the place of a secret; it may stand in a URL as well."""

_FIELD: Final = lazy_pattern(r"[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:(.*)", re.DOTALL)

_STARTS: Final = lazy_pattern(r"curl(?:\.exe)?(?=\s|\Z)|(?:printf|echo|cat)\s.*?\|\s*curl\s", re.IGNORECASE | re.DOTALL)
_CURL: Final = frozenset({"curl", "curl.exe"})
_ENDS: Final = frozenset({"|", "&&", "||", ";", ">"})


class CurlCommand(Value):
    """What a command of curl sends.

    Attributes:
        method: the HTTP method.
        url: the address, as it was written.
        headers: the header fields.
        body: the body, empty for none; None where it is in a file, and not shown.
        notes: what is odd about the command itself.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    notes: tuple[str, ...]


def header_field(text: str) -> tuple[str, str] | None:
    """Return the name and the value of a header field; None where a text is none."""
    found = _FIELD.match(text)
    return None if found is None else (found[1], found[2].strip(" \t"))


def is_curl_command(text: str) -> bool:
    """Return whether a text begins as a command of curl does."""
    return _STARTS.match(text) is not None


# Quotes that a text gets in a word processor or on a page; and what ends a command outside of quotes.
_TYPOGRAPHIC: Final = {0x201C: '"', 0x201D: '"', 0x201E: '"', 0x2018: "'", 0x2019: "'"}
_AFTER_SPACE: Final = lazy_pattern(r"\s[\u201c\u201d\u201e\u2018\u2019]")
_NOT_QUOTED: Final = lazy_pattern(r"\shttps?://[^\s'\"&;|()<>]*([&;|()<>])")
_OF_CMD: Final = lazy_pattern(r"\s\^\"")
_CARET: Final = lazy_pattern(r"\^(\r?\n|.)", re.DOTALL)


def read_command(text: str) -> CurlCommand:
    """Return what a command sends, with notes on what a shell would make of it.

    Raises:
        InvalidCallError: it has no address, or a quote is not closed.
    """
    notes: list[str] = []
    if _AFTER_SPACE.search(text):
        text = text.translate(_TYPOGRAPHIC)
        notes.append("the quotes are typographic, which no shell takes for quotes: write ' or \"")
    if _OF_CMD.search(text):
        text = _CARET.sub(lambda found: found[1] if found[1].strip() else " ", text)
    bare = _NOT_QUOTED.search(text)
    if bare is not None:
        notes.append(f"the URL is not in quotes: a shell does not take the {bare[1]} in it for a part of it")
    try:
        words = split_words(text)
    except DecodeError as error:  # whose text shows what is around the quote, and that may be a token
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        where = f"line {line}, character {column}"
        raise InvalidCallError("text", f"is a command in which a quote is not closed: that at {where}") from None
    start = next((place for place, word in enumerate(words) if word.lower() in _CURL), 0)
    end = next((place for place in range(start, len(words)) if words[place] in _ENDS), len(words))
    command = _read_curl(words[start + 1 : end], _produced(words[: max(start - 1, 0)]))
    return command.__replace__(notes=(*notes, *command.notes))


# -- what is piped into it ---------------------------------------------------------------------------------------------

_FORMAT: Final = lazy_pattern(rb"\\(?:([0-7]{1,3})|(.))|%([%s])", re.DOTALL)
_LETTERS: Final[Mapping[bytes, bytes]] = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


def _produced(words: list[str]) -> bytes | None:
    """Return what a command writes into the pipe before curl; None where it is not known."""
    name, *given = words or [""]
    texts = [word.encode("utf-8", "surrogatepass") for word in given]
    if name == "echo":
        return b" ".join(texts[1:]) if given[:1] == ["-n"] else b" ".join(texts) + b"\n"
    if name != "printf" or not texts:
        return None
    arguments = iter(texts[1:])

    def meant(found: re.Match[bytes]) -> bytes:
        octal, letter, percent = found.groups()
        if octal is not None:
            return bytes([int(octal, 8) & 0xFF])
        if letter is not None:
            return _LETTERS.get(letter, found[0])
        return b"%" if percent == b"%" else next(arguments, b"")

    return _FORMAT.sub(meant, texts[0])


# -- its options -------------------------------------------------------------------------------------------------------

# Short options by their long names; of the others the short name is as good.
_LONG: Final[Mapping[str, str]] = {
    "-X": "--request",
    "-H": "--header",
    "-d": "--data",
    "-G": "--get",
    "-I": "--head",
    "-A": "--user-agent",
    "-F": "--form",
    "-T": "--upload-file",
    "-u": "--user",
    "-b": "--cookie",
}
_DATA: Final = frozenset({"--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"})
# Options whose values are secret -> the header field that they make.
_SECRET: Final[Mapping[str, tuple[str, str]]] = {
    "--user": ("Authorization", f"Basic {HIDDEN}"),
    "--oauth2-bearer": ("Authorization", f"Bearer {HIDDEN}"),
    "--cookie": ("Cookie", HIDDEN),
}
_VALUES: Final = _DATA | _SECRET.keys() | {"--request", "--header", "--url", "--user-agent", "--form", "--upload-file"}
# Options whose values say nothing about the request, or are secret.
_PASSED_OVER: Final = frozenset(
    {
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
_WITH_VALUE: Final = _VALUES | _PASSED_OVER  # all the others stand alone, or do not matter


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the options of a command with their values, empty for those without; the addresses as ``--url``."""
    waiting = iter(words)
    for word in waiting:
        if word.startswith("--"):
            yield word, next(waiting, "") if word in _WITH_VALUE else ""
        elif word.startswith("-") and len(word) > 1:
            # Short ones may stand together, and the last one's value right after it: -sXPOST.
            for place, letter in enumerate(word[1:], start=2):
                name = _LONG.get(f"-{letter}", f"-{letter}")
                if name in _WITH_VALUE:
                    yield name, word[place:] or next(waiting, "")
                    break
                yield name, ""
        else:
            yield "--url", word


def _read_curl(words: list[str], piped: bytes | None) -> CurlCommand:
    """Return what curl would send, given these words, and what is on its standard input."""
    options = [*_options(words)]
    names = {name for name, _ in options}
    # A command may have several addresses; what is not one was probably to be in quotes with what is before it.
    url = next((value for name, value in options if name == "--url" and value), "")
    if not url:
        raise InvalidCallError("text", "is a curl command without a URL")
    fields = [*_fields(options)]
    data = [_data(name, value, piped) for name, value in options if name in _DATA]
    sources = [value for name, value in options if name in _DATA]
    files = [source for source, sent in zip(sources, data, strict=True) if sent is None]
    notes = [f"the body is {_place(source)}, and not shown here" for source in files]
    notes += [
        f"{name} sends a file, which is not shown here: a Rest.li request has JSON in its body"
        for name in sorted(names & {"--form", "--upload-file"})
    ]
    body = (b"" if "--json" in names else b"&").join([sent or b"" for sent in data])
    address = url.partition("#")[0]
    if "--get" in names:
        address += ("&" if "?" in address else "?") + body.decode("utf-8", "replace") if body else ""
        data, body = [], b""
    if data and not any(name.lower() == "content-type" for name, _ in fields):
        kind = "application/json" if "--json" in names else "application/x-www-form-urlencoded"
        fields.append(("Content-Type", kind))
    method = next((value.upper() for name, value in reversed(options) if name == "--request"), None)
    default = "HEAD" if "--head" in names else "POST" if data else "GET"
    return CurlCommand(method or default, address, tuple(fields), None if files else body, tuple(notes))


def _fields(options: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the header fields that the options make."""
    for name, value in options:
        field = header_field(value) if name == "--header" else None
        if field is not None and field[1]:  # one without a value is one that curl is to leave out
            yield field
        elif name == "--user-agent":
            yield "User-Agent", value
        elif name in _SECRET:
            yield _SECRET[name]


def _data(name: str, value: str, piped: bytes | None) -> bytes | None:
    """Return what an option puts into the body; None where that is in a file."""
    if name == "--data-urlencode":
        return _urlencoded(value).encode()
    if name == "--data-raw" or not value.startswith("@"):
        return value.encode("utf-8", "surrogatepass")
    if value != "@-" or piped is None:
        return None
    # As curl's page has it: --data leaves out the ends of lines.
    return piped if name in {"--data-binary", "--json"} else re.sub(rb"[\r\n]", b"", piped)


def _place(source: str) -> str:
    return "that which is piped into it" if source == "@-" else f"in the file {printable(source[1:], 60)}"


def _urlencoded(value: str) -> str:
    """Return what ``--data-urlencode`` sends: the text after the first ``=`` is encoded, or all of it."""
    name, equals, text = value.partition("=")
    return f"{name}{'=' if name else ''}{quote_all(text)}" if equals else quote_all(value)
