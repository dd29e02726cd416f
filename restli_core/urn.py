"""URNs, LinkedIn's global identifiers, as text that knows its parts.

urn   = "urn:" namespace ":" entity-type ":" id
id    = text / "(" [ part *( "," part ) ] ")"        a tuple id; its parts may be URNs or tuples again

LinkedIn also sends ids whose parentheses do not match, such as a name that was cut. These are text: a URN that a server
sent can always be read, and sent back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Self

from restli_core.base_errors import InvalidCallError
from restli_core.patterns import lazy_pattern

__all__ = ["Urn"]

_URN: Final = lazy_pattern(r"urn:([^:]+):([^:]+):(.+)", re.DOTALL)


class Urn(str):
    """A URN: a `str` that is a JSON value and a dict key like any other, and equals its text.

    Args:
        text: the URN, such as ``urn:li:sponsoredCampaign:123`` or ``urn:li:like:(urn:li:person:1,urn:li:share:2)``.

    Models of pydantic may have fields of this type: they take texts that are URNs, and have a `Urn`.

    Raises:
        InvalidCallError: the text is not a URN.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        urn = super().__new__(cls, _plain(text))
        if _URN.fullmatch(urn) is None:
            raise InvalidCallError("urn", "is not of the form urn:namespace:entityType:id")
        return urn

    @classmethod
    def of(cls, entity_type: str, *parts: str | int, namespace: str = "li") -> Self:
        """Return the URN of these parts: one part is a plain id, several are a tuple id.

        >>> Urn.of("sponsoredCampaign", 123)
        Urn('urn:li:sponsoredCampaign:123')

        Args:
            entity_type: the type of what it identifies.
            parts: the id, or the parts of a tuple id: text, URNs or numbers.
            namespace: the namespace.

        Raises:
            InvalidCallError: they do not make a URN, or make one that would be read as other parts.
        """
        namespace, entity_type = _plain(namespace), _plain(entity_type)
        try:
            texts = tuple(map(_plain, parts))
        except ValueError:
            raise InvalidCallError("parts", "have an int of more digits than Python converts to text") from None
        joined = ",".join(texts)
        urn = cls(f"urn:{namespace}:{entity_type}:{joined if len(texts) == 1 else f'({joined})'}")
        # A single part may have commas and colons: it is the whole id, and is read back as that.
        if (urn.namespace, urn.entity_type) != (namespace, entity_type) or (urn.parts != texts and len(texts) != 1):
            raise InvalidCallError("parts", "would be read as other parts: they hold colons, commas or parentheses")
        return urn

    @property
    def namespace(self) -> str:
        """The namespace, such as ``li``."""
        return self.split(":", 2)[1]

    @property
    def entity_type(self) -> str:
        """The type of what it identifies, such as ``sponsoredCampaign``."""
        return self.split(":", 3)[2]

    @property
    def id(self) -> str:
        """The id: all after the entity type, the parentheses of a tuple id included."""
        return self.split(":", 3)[3]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a tuple id; of another id, or one whose parentheses do not match, the id as the only part."""
        return _split(self.id)

    def __repr__(self) -> str:
        return f"Urn({str.__repr__(self)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """Return how pydantic is to make one: as it makes a text, which then must be a URN.

        This is a schema of pydantic's core in its own form, a dict, so that this package needs no pydantic. Its JSON
        schema is that of a text, and it is written as one.

        Args:
            handler: makes the schema of another type.
        """
        function = {"type": "no-info", "function": cls}
        return {"type": "function-after", "schema": handler(str), "function": function}


def read_urn(value: object) -> Urn | None:
    """Return the URN that a value is; None for what is not text, or not a URN."""
    try:
        return Urn(value) if isinstance(value, str) else None
    except InvalidCallError:
        return None


def _plain(value: object) -> str:
    """Return the text of a text or a number, of a subclass as well: the `str` of an Enum's member may be its name."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__repr__(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _split(key: str) -> tuple[str, ...]:
    """Return the parts between the outer parentheses, cut at the commas that no inner parenthesis encloses.

    A key that is not in parentheses, or whose parentheses do not match, is its only part.
    """
    if not key.startswith("("):
        return (key,)
    parts: list[str] = []
    start, depth = 1, 0
    for mark in re.finditer(r"[(),]", key):
        depth += {"(": 1, ")": -1, ",": 0}[mark[0]]
        if mark.end() == len(key) and depth == 0:
            # "()" has no parts, and "(,)" has two: a part may be empty where there is a comma.
            return (*parts, key[start : mark.start()]) if len(key) > 2 else ()
        if depth <= 0:  # closed before the end of the id
            break
        if depth == 1 and mark[0] == ",":
            parts.append(key[start : mark.start()])
            start = mark.end()
    return (key,)
