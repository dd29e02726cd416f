from __future__ import annotations

import ast

import pytest

from restli_core.migrating.positions import MARK, ProgramText


def program(text: str) -> tuple[ProgramText, ast.Module]:
    tree = ast.parse(text)
    return ProgramText(text, tree), tree


def chain(tree: ast.Module, node: ast.AST) -> list[ast.AST]:
    """A node and what it is part of, from the inside."""
    parents = {child: outer for outer in ast.walk(tree) for child in ast.iter_child_nodes(outer)}
    found = [node]
    while found[-1] in parents:
        found.append(parents[found[-1]])
    return found


def noted(text: str, name: str) -> str:
    """The program with a comment on the first use of a name."""
    made, tree = program(text)
    (node, *_) = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    made.note(chain(tree, node), "look")
    return made.edited()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_are_characters_in_lines_of_any_end(end: str) -> None:
    text = f"x = 'é\u2028'{end}y = '日本'; name = 1{end}"
    made, tree = program(text)
    (target,) = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "name"]
    start, stop = made.span(target)
    assert text[start:stop] == "name"
    made.replace(start, stop, "other")
    made.insert(start, "the_")
    assert made.edited() == text.replace("name", "the_other")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = find()\n", "{}a = find()\n"),
        ("if x:\n    a = [\n        find\n    ]\n", "if x:\n    {}    a = [\n        find\n    ]\n"),
        ("if x:\n    a()\nelif find:\n    b()\n", "{}if x:\n    a()\nelif find:\n    b()\n"),
        ("a = 1; find()\n", "{}a = 1; find()\n"),
        ("if x: find()\n", "{}if x: find()\n"),
        ("def f():\n    a = '''\n'''; find()\n", "{}def f():\n    a = '''\n'''; find()\n"),
        ("a = '''\n'''; find()\n", "{}a = '''\n'''; find()\n"),
        ("if x: \\\n  find()\n", "{}if x: \\\n  find()\n"),
        ("@find\n@b\ndef f(): ...\n", "{}@find\n@b\ndef f(): ...\n"),
        ("try:\n    a()\nexcept find:\n    b()\n", "try:\n    a()\n{}except find:\n    b()\n"),
    ],
)
def test_a_comment_stands_above_the_statement(text: str, wanted: str) -> None:
    edited = noted(text, "find")
    assert edited == wanted.replace("{}", f"{MARK}look\n")
    assert ast.dump(ast.parse(edited)) == ast.dump(ast.parse(text))


def test_a_comment_that_is_there_does_not_come_again() -> None:
    once = noted("if x:\r\n    find()\r\n", "find")
    assert once == f"if x:\r\n    {MARK}look\r\n    find()\r\n"
    assert noted(once, "find") == once


def test_comments_on_one_statement_follow_one_another() -> None:
    made, tree = program(f"{MARK}first\nfind()\n")
    for words in ("second", "third", "second", "first"):
        made.note([tree.body[0]], words)
    assert made.edited() == f"{MARK}first\n{MARK}second\n{MARK}third\nfind()\n"


def test_a_statement_has_its_line_for_itself_but_for_a_comment() -> None:
    made, tree = program("a = 1  # so\nif a: b = 2\nc = 3; d = 4\n  \n")
    first, condition, third, fourth = tree.body
    assert isinstance(condition, ast.If)
    assert [made.is_alone(one) for one in (first, condition.body[0], third, fourth)] == [True, False, False, False]
    made, tree = program("if a:\n    b\n")
    assert isinstance(tree.body[0], ast.If)
    assert made.indent(tree.body[0].body[0]) == "    "
    assert made.joined(["x", "y"], "  ") == "x\n  y"


def test_an_expression_that_is_not_where_it_says_is_seen() -> None:
    made, tree = program("name.attribute\n")
    (statement,) = tree.body
    assert isinstance(statement, ast.Expr)
    assert made.holds(statement.value)
    for start, end in ((1, 14), (0, 5)):
        statement.value.col_offset, statement.value.end_col_offset = start, end
        assert not made.holds(statement.value)
