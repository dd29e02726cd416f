"""Excerpts: what the body of an answer says to people, where it is not the JSON that was to be read.

    text/plain and the like    the text
    JSON                       the text
    XML                        what stands between its tags
    HTML                       the title, else the first heading, else what stands between its tags
    anything else              nothing

Proxies and gateways answer for a server like this. Only the beginning of a body is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from restli_core.base_errors import printable
from restli_core.messages import HttpResponse  # noqa: TC001 - for typing.get_type_hints
from restli_core.patterns import lazy_pattern

__all__ = ["describe_body", "excerpt"]

WINDOW: Final = 65_536  # octets of a body that are looked at
MAX_SECRET: Final = 8192  # characters: what no header is longer than, and so no token

_TEXT_TYPES: Final = lazy_pattern(r"text/|.*(?:json|xml|html|javascript)", re.IGNORECASE)
_NOT_SAID: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def describe_body(response: HttpResponse) -> str:
    """Return how long a body is, and what its type is: ``6 bytes of text/html``."""
    kind = response.headers.get("Content-Type")
    return f"{len(response.body)} bytes " + (f"of {printable(kind, 100)}" if kind else "with no Content-Type")


def excerpt(response: HttpResponse, without_secrets: Callable[[str], str], limit: int) -> str:
    """Return what a body says, on one line; empty where it says nothing to people.

    Args:
        response: the answer with the body.
        without_secrets: takes secrets out of a text. It is applied before anything is cut.
        limit: characters at most.
    """
    octets = response.body[:WINDOW]
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not (media_type in _NOT_SAID or _TEXT_TYPES.match(media_type)) or b"\0" in octets:
        return ""
    text = octets.decode(_charset(response), "replace")
    if media_type in _NOT_SAID and text.count("\ufffd") > 1:  # one may be a character that the window cuts
        return ""
    text = without_secrets(text)
    if len(response.body) > WINDOW:
        text = text[:-MAX_SECRET]  # a secret that the window cuts is not known for one
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        text = without_secrets(_unescape(_words_of_markup(text)))
    return printable(text.lstrip("\ufeff"), limit).strip()


def _charset(response: HttpResponse) -> str:
    """Return the charset that the Content-Type names, if it is one of those that servers write to people in."""
    named = re.search(r";\s*charset\s*=\s*\"?([\w.:-]+)", response.headers.get("Content-Type", ""), re.IGNORECASE)
    charset = "" if named is None else named[1].lower()
    return charset if _CHARSETS.fullmatch(charset) else "utf-8"


# By name, since Python also has codecs that are slow, or are not text.
_CHARSETS: Final = lazy_pattern(
    r"us-ascii|iso-8859-(?:[1-9]|1[0134-6])|windows-125[0-8]|koi8-[ru]|shift_jis|euc-(?:jp|kr)|big5|gb(?:k|2312|18030)"
)


# -- markup ------------------------------------------------------------------------------------------------------------
#
# Each pass looks at a character once: what a server sends may be made to keep a reader busy.


def _words_of_markup(text: str) -> str:
    """Return what HTML or XML says: its title or heading, or all its text."""
    folded = text.lower()
    if len(folded) != len(text):  # in rare scripts: then the places in the two are not the same
        folded = text
    if "<html" in folded or "<!doctype html" in folded:
        for name in ("title", "h1", "h2"):
            found = _strip_tags(_content(text, folded, name))
            if found.strip():
                return found
    return _strip_tags(_without_hidden(text, folded))


def _content(text: str, folded: str, name: str) -> str:
    """Return what stands in the first element of this name; empty where there is none."""
    start = re.search(f"<{name}(?:\\s[^<>]*)?>", folded)
    end = -1 if start is None else folded.find(f"</{name}", start.end())
    return "" if start is None or end < 0 else text[start.end() : end]


def _without_hidden(text: str, folded: str) -> str:
    """Return markup without what is not shown: comments, scripts and styles."""
    shown: list[str] = []
    place = 0
    while (start := _HIDDEN.search(folded, place)) is not None:
        shown.append(text[place : start.start()])
        end = folded.find(_HIDDEN_ENDS[start[0]], start.end())
        if end < 0:
            return " ".join(shown)
        place = end
    return " ".join([*shown, text[place:]]).replace("-->", " ")


_HIDDEN_ENDS: Final[Mapping[str, str]] = {"<!--": "-->", "<script": "</script", "<style": "</style"}
_HIDDEN: Final = lazy_pattern("|".join(_HIDDEN_ENDS))


def _strip_tags(text: str) -> str:
    return _TAG.sub(" ", text.replace("<![CDATA[", " ").replace("]]>", " "))


_TAG: Final = lazy_pattern(r"<[^<>]*>")


def _unescape(text: str) -> str:
    """Return the text without the character references that XML and most pages have."""
    return _REFERENCE.sub(_referred, text)


def _referred(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


_NAMED: Final[Mapping[str, str]] = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_REFERENCE: Final = lazy_pattern(rf"&(?:({'|'.join(_NAMED)})|#([0-9]{{1,7}})|#[xX]([0-9a-fA-F]{{1,6}}));")
