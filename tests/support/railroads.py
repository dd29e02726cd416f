"""The first grammar of docs/protocol.md as pictures: ``python -m tests.support.railroads`` draws them.

The text of the grammar is the source, and the pictures follow: `tests/integration/test_docs_protocol.py` draws them
anew and compares. They bring a light background of their own, which is readable on a dark page too: a picture cannot
know which of the two a reader has chosen for the site.
"""

from __future__ import annotations

from collections.abc import Mapping

import railroad  # pyright: ignore[reportMissingTypeStubs]

from tests.support.ebnf import Characters, Either, InOrder, Node, Repeated, Rule, Text, rules_of
from tests.support.pages import text_of
from tests.support.source_tree import ROOT

__all__ = ["drawn"]

FOLDER = ROOT / "docs" / "assets" / "protocol"
INLINE = {"pair", "char", "hex"}
"""Rules that are drawn where they are used."""
WORDS = {"word": "List"}
"""Rules that are drawn as the text that they are written as."""
STYLE = """
svg.railroad-diagram { background-color: #fbfbf8; }
svg.railroad-diagram path { stroke-width: 2; stroke: #37474f; fill: none; }
svg.railroad-diagram text { font: 14px ui-monospace, Menlo, Consolas, monospace; text-anchor: middle; fill: #102027; }
svg.railroad-diagram rect { stroke-width: 1.5; stroke: #37474f; fill: #fff3d6; }
svg.railroad-diagram g.terminal rect { fill: #d9efe3; }
"""


def grammar() -> dict[str, Node]:
    """Return the rules of the page's first grammar."""
    return rules_of(text_of("docs/protocol.md").partition("```ebnf\n")[2].partition("```")[0])


def drawn() -> dict[str, str]:
    """Return the picture of each rule that has one, as SVG, by the rule's name."""
    rules = grammar()
    return {name: picture(node, rules) for name, node in rules.items() if name not in INLINE | WORDS.keys()}


def picture(node: Node, rules: Mapping[str, Node]) -> str:
    """Return the SVG of one rule."""
    pieces: list[str] = []
    railroad.Diagram(shape(node, rules), type="simple").writeStandalone(pieces.append, css=STYLE)
    return "".join(pieces)


def shape(node: Node, rules: Mapping[str, Node]) -> railroad.DiagramItem:
    """Return how a node of the grammar is drawn."""
    match node:
        case Text(text):
            drawing = railroad.Terminal(text)
        case Characters(source, _, negated):
            drawing = railroad.NonTerminal(f"any but {' '.join(source[2:-1])}" if negated else source[1:-1])
        case Rule(name) if name in WORDS:
            drawing = railroad.Terminal(WORDS[name])
        case Rule(name):
            drawing = shape(rules[name], rules) if name in INLINE else railroad.NonTerminal(name)
        case Either(choices):
            drawing = railroad.Choice(0, *(shape(choice, rules) for choice in choices))
        case InOrder(parts):
            drawing = in_order(parts, rules)
        case Repeated(part, mark):
            repeat = {"?": railroad.Optional, "*": railroad.ZeroOrMore, "+": railroad.OneOrMore}[mark]
            drawing = repeat(shape(part, rules))
    return drawing


def in_order(parts: tuple[Node, ...], rules: Mapping[str, Node]) -> railroad.DiagramItem:
    """Return how parts that follow one another are drawn; ``x ( "," x )*`` is one x with a way back by a comma."""
    if (
        len(parts) == 2
        and isinstance(more := parts[1], Repeated)
        and more.mark == "*"
        and isinstance(more.part, InOrder)
    ):
        separator, again = more.part.parts
        if again == parts[0]:
            return railroad.OneOrMore(shape(again, rules), shape(separator, rules))
    return railroad.Sequence(*(shape(part, rules) for part in parts))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for rule, svg in drawn().items():
        (FOLDER / f"{rule}.svg").write_text(svg, encoding="utf-8")
        print(FOLDER / f"{rule}.svg")
