"""Percent-escapes, as `urllib.parse` writes and reads them, which is imported where one of these is first called.

That takes a tenth of what it takes to import this package (it imports `ipaddress` too), and most calls are made and
answered without it.
"""

from __future__ import annotations

__all__ = ["quote_all", "unquote", "unquote_plus"]


def quote_all(text: str) -> str:
    """Return the text with an escape for all but ``A-Z a-z 0-9 - _ . ~``: ``urllib.parse.quote(text, safe="")``."""
    from urllib import parse  # noqa: PLC0415

    return parse.quote(text, safe="")


def unquote(text: str) -> str:
    """Return the text without its escapes; octets that are not UTF-8 become U+FFFD: ``urllib.parse.unquote(text)``."""
    from urllib import parse  # noqa: PLC0415

    return parse.unquote(text)


def unquote_plus(text: str) -> str:
    """Return the text of a form without its escapes, where a plus is a space: ``urllib.parse.unquote_plus(text)``."""
    from urllib import parse  # noqa: PLC0415

    return parse.unquote_plus(text)
