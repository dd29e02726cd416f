"""A second reader of little text, character by character, which is not fast and knows the grammar alone.

It shares no code with the first one but the values that both return. tests/property holds the two to one another.
"""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

from restli_core import Urn
from restli_core.linkedin.little_text import Hashtag, Mention, Part, Template

__all__ = ["RESERVED", "merged", "read"]

RESERVED = "|{}@[]()<>#\\*_~"

Found: TypeAlias = tuple[Part, str] | None
"""An element at the beginning of a text, and what is left of the text."""


def read(text: str) -> list[Part]:
    """Return the parts of a little text."""
    parts: list[Part] = []
    plain = ""
    while text:
        found = next((found for reader in (mention, template, hashtag) if (found := reader(text))), None)
        if found is not None:
            parts += [plain] * bool(plain)
            plain = ""
            parts.append(found[0])
            text = found[1]
        elif text[0] == "\\" and len(text) > 1:
            plain += text[1] if text[1] in RESERVED else text[:2]
            text = text[2:]
        else:
            plain, text = plain + text[0], text[1:]
    return parts + [plain] * bool(plain)


def until(text: str, ends: str, stops: str) -> tuple[str, str] | None:
    """Return the text without escapes before the first of some ends, and what follows it; None where a stop is first.

    Escapes hide ends and stops, and a text that ends too soon has none.
    """
    plain = ""
    index = 0
    while index < len(text):
        character = text[index]
        if character in ends:
            return plain, text[index:]
        if character in stops:
            return None
        if character == "\\":
            if index + 1 == len(text):
                return None
            plain += text[index + 1] if text[index + 1] in RESERVED else text[index : index + 2]
            index += 2
        else:
            plain += character
            index += 1
    return None


def mention(text: str) -> Found:
    name, rest = "", text[1:]
    if not text.startswith("@"):
        return None
    if rest.startswith("["):
        named = until(rest[1:], "]", "[")
        if named is None:
            return None
        name, rest = named[0], named[1][1:]
    if not rest.startswith("(urn:"):
        return None
    urn = ""
    rest = rest[1:]
    while rest and rest[0] != ")":
        width = 2 if rest[0] == "\\" else 1
        if rest[0] in "([]" or rest[0].isspace() or (width == 2 and rest[1:2] not in [*"|{}@<>#*_~"]):
            return None
        urn, rest = urn + rest[width - 1], rest[width:]
    fields = urn.split(":", 3)
    return (Mention(name, Urn(urn)), rest[1:]) if rest and len(fields) == 4 and all(fields) else None


def template(text: str) -> Found:
    name, bar, rest = text[1:].partition("|")
    if not text.startswith("{") or not bar or not (name.isascii() and name.isalnum() and name[0].isalpha()):
        return None
    written = [rest]
    arguments: list[str] = []
    while True:
        found = until(written[-1], "|}", "{@[]")
        if found is None:
            return None
        arguments.append(found[0])
        if found[1].startswith("}"):
            break
        written.append(found[1][1:])
    sign = arguments[0].removeprefix("\\") if arguments[0] == "\\\uff03" else arguments[0]
    if name == "hashtag" and len(arguments) == 2 and sign in {"#", "\uff03"}:
        return Hashtag(arguments[1], sign), found[1][1:]
    return Template(name, tuple(arguments)), found[1][1:]


def hashtag(text: str) -> Found:
    if not text.startswith("#") or not text[1:2].isalnum():
        return None
    end = 1
    while end < len(text) and (text[end] == "_" or unicodedata.category(text[end])[0] in "LMN"):
        end += 1
    return Hashtag(text[1:end]), text[end:]


def merged(parts: list[Part]) -> list[Part]:
    """Return the parts with neighbouring texts as one, and without empty ones."""
    made: list[Part] = []
    for part in parts:
        if isinstance(part, str) and made and isinstance(made[-1], str):
            made[-1] = made[-1] + part
        elif part != "":
            made.append(part)
    return made
