r"""The words of a command, as a shell would give them to the program that it starts.

    word   = 1*( bare / "'" *any "'" / DQUOTE *( any / escape ) DQUOTE / "$'" *( any / escape ) "'" / "\" any )
    space  = blanks and line ends / "\" line end           a POSIX shell's continued line
                                    / "^" line end            that of Windows' cmd
                                    / "`" line end            that of PowerShell

Variables stay as they are written, since nothing here knows them. ``&``, ``;``, ``|``, ``(`` and their like stay in the
word too, although a shell would end the command there: an address that was pasted without quotes is meant as a whole.
"""

from __future__ import annotations

import re
from typing import Final

from restli_core.base_errors import DecodeError
from restli_core.patterns import lazy_pattern

__all__ = ["split_words"]

_CONTINUED: Final = r"[\\^`][ \t]*(?:\r?\n|\Z)"
_PIECE: Final = lazy_pattern(
    rf"(?P<space>(?:\s|{_CONTINUED})+)"
    r"|'(?P<single>[^']*+)'"
    r'|"(?P<double>(?:[^"\\]|\\.)*+)"'
    r"|\$'(?P<ansi>(?:[^'\\]|\\.)*+)'"
    r"|\\(?P<escaped>.)"
    rf"|(?P<bare>(?:[^\s'\"\\$^`]|\$(?!')|[\^`](?![ \t]*(?:\r?\n|\Z)))++)",
    re.DOTALL,
)
_IN_DOUBLE: Final = lazy_pattern(r"\\(?:([\"\\$`])|\r?\n)")
_IN_ANSI: Final = lazy_pattern(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_LETTERS: Final = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def split_words(text: str) -> list[str]:
    """Return the words of a command.

    Raises:
        DecodeError: a quote is not closed.
    """
    words: list[list[str]] = []
    position, starts = 0, True
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            raise DecodeError(text, position, "the quote that begins here does not end")
        position = piece.end()
        if piece.lastgroup == "space":
            starts = True
            continue
        if starts:
            words.append([])
            starts = False
        words[-1].append(_meant(str(piece.lastgroup), str(piece[str(piece.lastgroup)])))
    return ["".join(pieces) for pieces in words]


def _meant(kind: str, text: str) -> str:
    """Return what a piece of a word stands for."""
    if kind == "double":
        return _IN_DOUBLE.sub(lambda found: found[1] or "", text)
    if kind == "ansi":
        return _IN_ANSI.sub(_ansi, text)
    return text


def _ansi(found: re.Match[str]) -> str:
    """Return what an escape between ``$'`` and ``'`` stands for."""
    two, four, eight, octal, other = found.groups()
    if other is not None:
        return _LETTERS.get(other, other)
    code = int(octal, 8) if octal else int(two or four or eight, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"
