"""Grammars as pages print them, in the notation of the XML specification (section 6): read, recognised, and derived.

    name ::= expression         a rule, which may go on in lines that are indented
    "text"                      these characters
    [a-z0-9,:]  [^(),:%]        one character of a set, or of all others; "-" stands for itself at an end
    (x y)  x | y  x? x* x+      in this order; either; none or one; any number; one or more

Nothing here knows Rest.li: what is accepted is what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Characters", "Either", "Grammar", "InOrder", "Node", "Repeated", "Rule", "Text", "rules_of"]


@dataclass(frozen=True)
class Text:
    """These characters."""

    text: str


@dataclass(frozen=True)
class Characters:
    """One character that is among these, or one that is not; ``source`` is the set as it is printed."""

    source: str
    members: frozenset[str]
    negated: bool


@dataclass(frozen=True)
class Rule:
    """What the rule of this name says."""

    name: str


@dataclass(frozen=True)
class InOrder:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    """One of these."""

    choices: tuple[Node, ...]


@dataclass(frozen=True)
class Repeated:
    """The same again: ``mark`` is ``?``, ``*`` or ``+``."""

    part: Node
    mark: str


Node: TypeAlias = Text | Characters | Rule | InOrder | Either | Repeated

# -- reading -----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r'\s*("[^"]+"|\[\^?[^\]]+\]|[A-Za-z][\w-]*|[()|?*+])')


def rules_of(text: str) -> dict[str, Node]:
    """Return the rules of a grammar by their names, in its order; an AssertionError where it is not in the notation."""
    found: dict[str, Node] = {}
    for line in re.sub(r"\n +", " ", text.strip()).splitlines():
        name, defines, right = line.partition("::=")
        assert defines, line
        assert name.strip() not in found, line
        tokens = _tokens(right.strip())
        found[name.strip()] = _either(tokens)
        assert not tokens, (line, tokens)
    return found


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        assert match, text[place:]
        tokens.append(match[1])
        place = match.end()
    return tokens


def _either(tokens: list[str]) -> Node:
    choices = [_in_order(tokens)]
    while tokens and tokens[0] == "|":
        del tokens[0]
        choices.append(_in_order(tokens))
    return choices[0] if len(choices) == 1 else Either(tuple(choices))


def _in_order(tokens: list[str]) -> Node:
    parts = []
    while tokens and tokens[0] not in {"|", ")"}:
        parts.append(_repeated(tokens))
    return parts[0] if len(parts) == 1 else InOrder(tuple(parts))


def _repeated(tokens: list[str]) -> Node:
    first = tokens.pop(0)
    node: Node
    if first == "(":
        node = _either(tokens)
        assert tokens.pop(0) == ")"
    elif first.startswith('"'):
        node = Text(first[1:-1])
    elif first.startswith("["):
        node = _characters(first)
    else:
        node = Rule(first)
    return Repeated(node, tokens.pop(0)) if tokens and tokens[0] in {"?", "*", "+"} else node


def _characters(source: str) -> Characters:
    inner = source[1:-1]
    negated = inner.startswith("^")
    members: set[str] = set()
    for first, last, alone in re.findall(r"(.)-(.)|(.)", inner.removeprefix("^"), re.DOTALL):
        members |= {alone} if alone else {chr(code) for code in range(ord(first), ord(last) + 1)}
    return Characters(source, frozenset(members), negated)


# -- what is done with it ----------------------------------------------------------------------------------------------


class Grammar:
    """Some rules, and what they say of texts."""

    def __init__(self, text: str) -> None:
        self.rules = rules_of(text)

    def accepts(self, rule: str, text: str) -> bool:
        """Return whether a rule gives this text, by trying all ways."""
        return len(text) in _Recogniser(self.rules, text).ends(Rule(rule), 0)

    def texts(self, rule: str) -> SearchStrategy[str]:
        """Generate texts that a rule gives. They shrink towards its first choice, without what may be left out."""
        by_name: dict[str, SearchStrategy[str]] = {}
        for name, node in self.rules.items():
            by_name[name] = self._texts_later(node, by_name)
        return by_name[rule]

    def _texts_later(self, node: Node, by_name: dict[str, SearchStrategy[str]]) -> SearchStrategy[str]:
        # Not a partial: Hypothesis writes the definition out, and would write `by_name` without an end.
        return st.deferred(lambda: self._texts(node, by_name))

    def _texts(self, node: Node, by_name: dict[str, SearchStrategy[str]]) -> SearchStrategy[str]:
        if isinstance(node, Text):
            return st.just(node.text)
        if isinstance(node, Characters):
            members = "".join(sorted(node.members))
            return (
                st.characters(codec="utf-8", exclude_characters=members) if node.negated else st.sampled_from(members)
            )
        if isinstance(node, Rule):
            return by_name[node.name]
        if isinstance(node, InOrder):
            return st.tuples(*(self._texts(part, by_name) for part in node.parts)).map("".join)
        if isinstance(node, Either):
            return st.one_of(*(self._texts(choice, by_name) for choice in node.choices))
        least, most = {"?": (0, 1), "*": (0, 2), "+": (1, 3)}[node.mark]
        return st.lists(self._texts(node.part, by_name), min_size=least, max_size=most).map("".join)


class _Recogniser:
    """All places where a node may end that begins at a place of one text, each asked for once."""

    def __init__(self, rules: dict[str, Node], text: str) -> None:
        self._rules = rules
        self._text = text
        self._known: dict[tuple[Node, int], frozenset[int]] = {}

    def ends(self, node: Node, start: int) -> frozenset[int]:
        if (node, start) not in self._known:
            self._known[node, start] = frozenset(self._found(node, start))
        return self._known[node, start]

    def _found(self, node: Node, start: int) -> Iterator[int]:
        if isinstance(node, Text):
            if self._text.startswith(node.text, start):
                yield start + len(node.text)
        elif isinstance(node, Characters):
            if start < len(self._text) and (self._text[start] in node.members) != node.negated:
                yield start + 1
        elif isinstance(node, Rule):
            yield from self.ends(self._rules[node.name], start)
        elif isinstance(node, Either):
            for choice in node.choices:
                yield from self.ends(choice, start)
        elif isinstance(node, InOrder):
            places = frozenset({start})
            for part in node.parts:
                places = frozenset(end for place in places for end in self.ends(part, place))
            yield from places
        else:
            yield from self._repetitions(node, start)

    def _repetitions(self, node: Repeated, start: int) -> Iterator[int]:
        if node.mark != "+":
            yield start
        seen, waiting = set[int](), [start]
        while waiting:
            new = self.ends(node.part, waiting.pop()) - seen
            seen |= new
            waiting += [] if node.mark == "?" else new
        yield from seen
