r"""Little text, which LinkedIn's Posts API takes for the commentary of a post: text with mentions and hashtags in it.

content   = *( text / mention / hashtag / template )
text      = 1*( %x00-10FFFF without reserved / "\" reserved )        a newline is itself
reserved  = "|" / "{" / "}" / "@" / "[" / "]" / "(" / ")" / "<" / ">" / "#" / "\" / "*" / "_" / "~"
mention   = "@" [ "[" text "]" ] "(" urn ")"                         @[Acme Corp](urn:li:organization:1234)
hashtag   = "{hashtag|" sign "|" text "}"                            {hashtag|\#|mytag}, as it is written here
          / "#" word                                                 #mytag, which is read only
sign      = [ "\" ] "#" / U+FF03                                     LinkedIn prints both forms of "#"
template  = "{" name *( "|" [ text ] ) "}"                           one that is not known here, and is kept

LinkedIn wants every reserved character of a text escaped, whether or not it would be markup. One that is not cuts the
post off where it stands, in silence, or has it refused. Only the commentary of a post is little text: comments, titles,
descriptions, alternative texts and the older shares are plain.

There are three kinds of text here, and each has a type of its own, so that nothing is escaped twice or not at all:

    str                          what a reader is to see; it is escaped where it becomes little text
    LittleText                   little text as it is sent: what `escape` and `join` return; nothing escapes it again
    Mention, Hashtag, Template   one element, with its parts; its `little_text` is what is sent

A LittleText is a `str`, since it is what stands in the JSON of a post. The elements are not, since a text that reads
"@[A](urn:li:person:1)" is not a mention: it is escaped.

Reading never fails, whatever a server has sent: what is not markup is text, a reserved character that is not escaped
is itself, and so is a backslash before any other character or at the end. What was read and is written again is escaped
as it should be.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format, as of November
2026. What a word is, no page says: here it is letters, digits, marks and underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from unicodedata import category

from restli_core.base_errors import InvalidCallError
from restli_core.urn import Urn
from restli_core.values import HashableValue

__all__ = [
    "Hashtag",
    "LittleText",
    "Mention",
    "Part",
    "Template",
    "escape",
    "hashtag",
    "join",
    "mention",
    "parse",
    "plain",
    "unescape",
]

_RESERVED: Final = r"[|{}@\[\]()<>#\\*_~]"
_OTHERS: Final = _RESERVED.replace("[", "[^", 1)
_RESERVED_CHARACTER: Final = re.compile(_RESERVED)
_ESCAPE: Final = re.compile(rf"\\({_RESERVED})")
# Text in which each reserved character is escaped, and nothing else.
_WELL_ESCAPED: Final = re.compile(rf"{_OTHERS}*(?:\\{_RESERVED}{_OTHERS}*)*")

SIGNS: Final = ("#", "\uff03")
"""The signs of a hashtag: U+0023, and its full-width form."""

_MENTIONED: Final = ("person", "organization")
# Types of URNs that people have for the same, and what is mentioned instead.
_INSTEAD: Final = {"member": "person", "company": "organization"}

_URN: Final = re.compile(r"urn:[^:()\[\]\s\\]+:[^:()\[\]\s\\]+:[^()\[\]\s\\]+")
_TEMPLATE_NAME: Final = re.compile("[A-Za-z][A-Za-z0-9]*")


class LittleText(str):
    """Little text as it is sent: a `str` that nothing escapes again.

    `escape` and `join` return it. A text that is little text already, such as the commentary of a post that was read,
    is made one by its constructor, which takes any text as it is.

    A ``+`` joins it with what stands on either side, as `join` does.
    """

    __slots__ = ()

    def __add__(self, other: Part, /) -> LittleText:
        return join(self, other) if isinstance(other, str | _Element) else NotImplemented

    def __radd__(self, other: Part, /) -> LittleText:
        return join(other, self) if isinstance(other, str | _Element) else NotImplemented

    def __repr__(self) -> str:
        return f"LittleText({str.__repr__(self)})"


class _Element(HashableValue):
    """What stands in little text beside plain text. As text it is little text; ``+`` joins it with what is beside."""

    if TYPE_CHECKING:  # each has these; without an `__init__` it would be taken for a class without fields

        def __init__(self, *args: Any, **keywords: Any) -> None: ...

        @property
        def little_text(self) -> LittleText: ...

        @property
        def plain(self) -> str: ...

    def __str__(self) -> str:
        return str(self.little_text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._fields()))})"

    def __add__(self, other: Part) -> LittleText:
        return join(self.little_text, other) if isinstance(other, str | _Element) else NotImplemented

    def __radd__(self, other: str) -> LittleText:
        return join(other, self.little_text) if isinstance(other, str) else NotImplemented


class Mention(_Element):
    """A mention of a member or an organization, such as `parse` reads. `mention` makes one that is checked.

    Attributes:
        name: the name that it is mentioned by; empty where little text has none (``@(urn:li:person:1)``).
        urn: who or what is mentioned.

    Raises:
        InvalidCallError: an argument is of another type; or the URN has white space, parentheses, brackets or
            backslashes, which would end it.
    """

    name: str
    urn: Urn

    def __init__(self, name: str, urn: Urn) -> None:
        name = _shown("name", name)
        if not isinstance(urn, Urn) or _URN.fullmatch(urn) is None:
            raise InvalidCallError("urn", "must be a Urn without white space, parentheses, brackets and backslashes")
        super().__init__(name, urn)

    @property
    def little_text(self) -> LittleText:
        """The mention as it is sent, such as ``@[Acme Corp](urn:li:organization:1234)``."""
        return LittleText(f"@[{escape(self.name)}]({self.urn})" if self.name else f"@({self.urn})")

    @property
    def plain(self) -> str:
        """What a reader sees of it: the name; the URN where it has none, in place of the name that LinkedIn knows."""
        return self.name or str(self.urn)


class Hashtag(_Element):
    """A hashtag, such as `parse` reads. `hashtag` makes one that is checked.

    Attributes:
        name: the word, without the sign.
        sign: ``#``, or its full-width form U+FF03.

    Raises:
        InvalidCallError: the name or the sign is not text, or the sign is another one.
    """

    name: str
    sign: str = "#"

    def __init__(self, name: str, sign: str = "#") -> None:
        name, sign = _shown("name", name), _shown("sign", sign)
        if sign not in SIGNS:
            raise InvalidCallError("sign", "must be # or its full-width form U+FF03")
        super().__init__(name, sign)

    @property
    def little_text(self) -> LittleText:
        r"""The hashtag as it is sent, such as ``{hashtag|\#|mytag}``."""
        return _template("hashtag", (self.sign, self.name))

    @property
    def plain(self) -> str:
        """What a reader sees of it: the sign and the word."""
        return self.sign + self.name


class Template(_Element):
    """A template that is not known here, kept as it was read so that it can be sent back.

    Attributes:
        name: its name: letters and digits of ASCII, a letter first.
        arguments: the texts after the name, without their escapes; at least one.

    Raises:
        InvalidCallError: the name is not one, there is no argument or one is not text, or these are those of a hashtag.
    """

    name: str
    arguments: tuple[str, ...]

    def __init__(self, name: str, arguments: tuple[str, ...]) -> None:
        name = _shown("name", name)
        if _TEMPLATE_NAME.fullmatch(name) is None:
            raise InvalidCallError("name", "must be letters and digits, a letter first")
        if not isinstance(arguments, tuple) or not arguments:
            raise InvalidCallError("arguments", "must be a tuple of one text or more")
        arguments = tuple([_shown(f"arguments[{index}]", argument) for index, argument in enumerate(arguments)])
        if _is_hashtag(name, arguments):
            raise InvalidCallError("name", "is that of a hashtag: make a Hashtag")
        super().__init__(name, arguments)

    @property
    def little_text(self) -> LittleText:
        """The template as it is sent."""
        return _template(self.name, self.arguments)

    @property
    def plain(self) -> str:
        """The template as it is sent, since what a reader sees of it is not known."""
        return str(self.little_text)


Part: TypeAlias = str | Mention | Hashtag | Template
"""What little text is made of: plain text, which is escaped, an element, or a LittleText, which stands as it is."""


# -- writing -----------------------------------------------------------------------------------------------------------


def escape(text: str) -> LittleText:
    r"""Return a text as little text that shows it as it is: with a backslash before each reserved character.

    >>> escape("Is C# (still) fun?")
    LittleText('Is C\\# \\(still\\) fun?')

    A ``#`` before a word is escaped as well, so that the word is not a hashtag: `hashtag` makes those. U+FF03, the
    full-width sign, is not among the characters that LinkedIn reserves, and stays as it is.

    Args:
        text: any text; a LittleText is returned as it is.

    Raises:
        InvalidCallError: it is not text.
    """
    _check_text("text", text)
    return text if isinstance(text, LittleText) else LittleText(_RESERVED_CHARACTER.sub(r"\\\g<0>", str.__str__(text)))


def mention(name: str, urn: str) -> Mention:
    """Return a mention of a member or an organization.

    Args:
        name: the name as LinkedIn has it, since its case counts: the whole name of an organization; the first name,
            the last one or both of a member. With any other name LinkedIn shows text and mentions nobody.
        urn: ``urn:li:person:...`` or ``urn:li:organization:...``.

    Raises:
        InvalidCallError: the name is not text or is empty, or the URN is not one of a person or an organization.
    """
    name = _shown("name", name)
    if not name.strip():
        raise InvalidCallError("name", "is empty: give the name that LinkedIn has for it")
    _check_text("urn", urn)
    checked = Urn(urn)
    kind = checked.entity_type
    if checked.namespace != "li" or kind not in _MENTIONED:
        instead = _INSTEAD.get(kind)
        cure = f"give urn:li:{instead}:..." if instead else "only persons and organizations can be mentioned"
        raise InvalidCallError("urn", f"is not a urn:li:person:... or urn:li:organization:...: {cure}")
    return Mention(name, checked)


def hashtag(name: str) -> Hashtag:
    """Return a hashtag.

    Args:
        name: one word, without the sign. Which characters LinkedIn takes for a part of it is not documented: letters
            and digits of any alphabet are. Reserved characters, such as an underscore, are escaped.

    Raises:
        InvalidCallError: it is not text, is empty, has white space, or has a sign.
    """
    name = _shown("name", name)
    if not name:
        raise InvalidCallError("name", "is empty: give a word")
    if any(sign in name for sign in SIGNS):
        raise InvalidCallError("name", "has a sign: give the word without it")
    if re.search(r"\s", name):
        raise InvalidCallError("name", "has white space, and a hashtag is one word: leave it out, as in OpenSource")
    return Hashtag(name)


def join(*parts: Part) -> LittleText:
    r"""Return the little text that is made of some parts, one after another.

    >>> join("Hello ", mention("Acme Corp", "urn:li:organization:1234"), " (and all)")
    LittleText('Hello @[Acme Corp](urn:li:organization:1234) \\(and all\\)')

    Args:
        parts: texts, which are escaped; mentions, hashtags and templates; and LittleText, which stands as it is.

    Raises:
        InvalidCallError: one is none of these.
    """
    return LittleText("".join([written(f"parts[{index}]", part) for index, part in enumerate(parts)]))


def written(place: str, part: Part) -> LittleText:
    """Return the little text of one part.

    Args:
        place: what an error names.
        part: the part.

    Raises:
        InvalidCallError: it is neither text nor an element.
    """
    if isinstance(part, _Element):
        return part.little_text
    if not isinstance(part, str):
        kinds = "text, a LittleText, or what mention and hashtag return"
        raise InvalidCallError(place, f"must be {kinds}, not {type(part).__name__}")
    return escape(part)


def _template(name: str, arguments: tuple[str, ...]) -> LittleText:
    return LittleText(f"{{{'|'.join([name, *map(escape, arguments)])}}}")


def _shown(argument: str, given: str) -> str:
    """Return a name as it is shown: one that was escaped without its escapes, since it is escaped where it is sent."""
    _check_text(argument, given)
    return unescape(given) if isinstance(given, LittleText) else str.__str__(given)


def _check_text(argument: str, given: object) -> None:
    if not isinstance(given, str):
        raise InvalidCallError(argument, f"must be text, not {type(given).__name__}")


# -- reading -----------------------------------------------------------------------------------------------------------

# Each kind of markup ends, or is none, at the next character that begins one of its own kind. So no part of a text is
# looked at more often than once for each kind, however many beginnings it has.
_OF_A_URN: Final = r"(?: [^:()\[\]\s\\] | \\[|{}@<>#*_~] )"
_MARKUP: Final = re.compile(
    rf"""
    \\.
    | @ (?: \[ (?P<name> (?: [^\[\]\\] | \\. )* ) \] )?
        \( (?P<urn> urn : {_OF_A_URN}+ : {_OF_A_URN}+ : (?: {_OF_A_URN} | : )+ ) \)
    | \{{ (?P<template> [A-Za-z][A-Za-z0-9]* ) (?P<arguments> (?: \| (?: [^|{{}}@\[\]\\] | \\. )* )+ ) \}}
    | [#] (?= [^\W_] ) (?P<word>)
    """,
    re.VERBOSE | re.DOTALL,
)
_ARGUMENT: Final = re.compile(r"\|((?:[^|\\]|\\.)*)", re.DOTALL)


def unescape(text: str) -> str:
    r"""Return a text without the backslashes of its escapes; mentions and hashtags stay as they are.

    >>> unescape(r"Is C\# \(still\) fun?")
    'Is C# (still) fun?'

    It undoes `escape`, and is defined for any text: a backslash before a character that is not reserved, or at the end,
    is one. What a reader sees of little text is what `plain` returns.

    Args:
        text: little text.

    Raises:
        InvalidCallError: it is not text.
    """
    _check_text("text", text)
    return _ESCAPE.sub(r"\1", str.__str__(text))


def parse(text: str) -> tuple[Part, ...]:
    r"""Return the parts of a little text: plain texts as `str`, mentions, hashtags and templates, in their order.

    >>> parse(r"Thanks @[Acme Corp](urn:li:organization:1234) \o/")
    ('Thanks ', Mention('Acme Corp', Urn('urn:li:organization:1234')), ' \\o/')

    Any text is read, and what is not markup is text. Between two elements there is one text or none, and none is empty.
    `join` of the parts means the same, with all escapes that belong there.

    Args:
        text: little text, such as the commentary of a post.

    Raises:
        InvalidCallError: it is not text.
    """
    _check_text("text", text)
    parts: list[Part] = []
    for piece in _pieces(text):
        if isinstance(piece, _Element):
            parts.append(piece)
        else:
            parts.append(unescape(piece))
    return tuple(parts)


def plain(text: str) -> str:
    """Return what a reader sees of little text: names in place of mentions, ``#mytag`` for a hashtag, no escapes.

    Args:
        text: little text, such as the commentary of a post.

    Raises:
        InvalidCallError: it is not text.
    """
    return "".join([part if isinstance(part, str) else part.plain for part in parse(text)])


def suspicion(text: str) -> str | None:
    """Return why a text is probably not what is meant where little text is made of it; None for what people write.

    Args:
        text: plain text, which is going to be escaped; or a LittleText, which is sent as it is.
    """
    pieces = [*_pieces(text)]
    is_well_escaped = all(_WELL_ESCAPED.fullmatch(piece) for piece in pieces if isinstance(piece, str))
    if isinstance(text, LittleText):
        if is_well_escaped:
            return None
        cure = "join(*parse(...)) escapes it"
        return f"is a LittleText with a reserved character that is not escaped, where LinkedIn cuts a post off: {cure}"
    cure = "LittleText(...) of it is sent as it is"
    if "{hashtag|" in text or any(isinstance(piece, Mention) for piece in pieces):
        made = "give a list of texts, and of what mention and hashtag return"
        return f"holds a mention or a hashtag, and as plain text is escaped: {made}; {cure}"
    if "\\" in text and is_well_escaped:
        return f"is escaped already, and as plain text is escaped once more: {cure}"
    return None


def _pieces(text: str) -> Iterator[Part]:
    """Yield the elements of a text, and the texts between them with their escapes, none of them empty."""
    text = str.__str__(text)
    start = 0  # of the text that is not yielded yet
    for found in _MARKUP.finditer(text):
        kind = found.lastgroup
        if kind is None:  # an escape
            continue
        if start < found.start():
            yield text[start : found.start()]
        start = found.end()
        if kind == "urn":
            yield Mention(unescape(found["name"] or ""), Urn(unescape(found["urn"])))
        elif kind == "arguments":
            yield _read_template(found["template"], _ARGUMENT.findall(found["arguments"]))
        else:
            start = _end_of_word(text, found.end())
            yield Hashtag(text[found.end() : start])
    if start < len(text):
        yield text[start:]


def _read_template(name: str, written: list[str]) -> Hashtag | Template:
    """Return the template of these arguments, which have their escapes; it may be a hashtag."""
    arguments = tuple(map(unescape, written))
    # The sign has a backslash or none; that of U+FF03, which is not reserved, is still there.
    signed = (written[0].removeprefix("\\"), *arguments[1:])
    return Hashtag(signed[1], signed[0]) if _is_hashtag(name, signed) else Template(name, arguments)


def _is_hashtag(name: str, arguments: tuple[str, ...]) -> bool:
    return name == "hashtag" and len(arguments) == 2 and arguments[0] in SIGNS


def _end_of_word(text: str, start: int) -> int:
    """Return where a word ends. The marks of many alphabets belong to it, which `re` does not count as such."""
    end = start
    while end < len(text) and (text[end] == "_" or category(text[end])[0] in "LNM"):
        end += 1
    return end
