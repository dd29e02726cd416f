"""URNs, LinkedIn's global identifiers, as text that knows its parts.

urn   = "urn:" namespace ":" entity-type ":" id
id    = text / "(" [ part *( "," part ) ] ")"        a tuple id; its parts may be URNs or tuples again
"""

from __future__ import annotations

import re
from typing import Final, Self

from restli_core.base_errors import InvalidCallError

__all__ = ["Urn"]

_URN: Final = re.compile(r"urn:([^:]+):([^:]+):(.+)", re.DOTALL)


class Urn(str):
    """A URN: a `str` that is a JSON value and a dict key like any other, and equals its text.

    Args:
        text: the URN, such as ``urn:li:sponsoredCampaign:123`` or ``urn:li:like:(urn:li:person:1,urn:li:share:2)``.

    Raises:
        InvalidCallError: the text is not a URN, or the parentheses of a tuple id do not match.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        urn = super().__new__(cls, text)
        match = _URN.fullmatch(urn)
        if match is None:
            raise InvalidCallError("urn", "is not of the form urn:namespace:entityType:id")
        if match[3].startswith("("):
            _split(match[3])  # raises if its parentheses do not match
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
        texts = tuple(map(str, parts))
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
        """The parts of a tuple id; of a plain id, the id as the only part."""
        key = self.id
        return _split(key) if key.startswith("(") else (key,)

    def __repr__(self) -> str:
        return f"Urn({str.__repr__(self)})"


def _split(key: str) -> tuple[str, ...]:
    """Return the parts between the outer parentheses, cut at the commas that no inner parenthesis encloses."""
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
    raise InvalidCallError("urn", "the parentheses of its tuple id do not match")
