"""A migrated program is a program, has the comments that it had, and stays as it is when it is migrated again."""

from __future__ import annotations

import ast
import io
import tokenize

from hypothesis import given
from hypothesis import strategies as st

from restli_core.migrating import migrate
from restli_core.migrating.counterparts import COUNTERPARTS

NAMES = [(module, name) for module, names in COUNTERPARTS.items() for name in names]
PLACES = [*COUNTERPARTS, "linkedin_api", "linkedin_api.clients", "linkedin_api.common.constants", "requests", "os"]
ATTRIBUTES = [
    *("get()", "batch_finder()", "response", "json()", "content", "text", "results", "isError", "session", "paging"),
    *("status_code", "entity", "client_id", "hooks", "ResponseFormattingError", "RestliClient"),
]

aliases = st.sampled_from(["", " as a", " as client"])
imports = st.one_of(
    st.builds("from {0[0]} import {0[1]}{1}".format, st.sampled_from(NAMES), aliases),
    st.builds("from {0[0]} import (  # names\n    {0[1]}{1},  # one\n)".format, st.sampled_from(NAMES), aliases),
    st.builds("import {}{}".format, st.sampled_from(PLACES), aliases),
    st.builds("from {} import *".format, st.sampled_from(PLACES)),
    st.builds("from linkedin_api.clients.restli.utils import encoder, api{}".format, aliases),
)
expressions = st.recursive(
    st.sampled_from(
        ["client", "auth", "a", "RestliClient()", "AuthClient('a', ('b'))", "linkedin_api.clients.auth.client", "'é'"]
    ),
    lambda inner: st.one_of(
        st.builds(
            "{}.{}".format,
            inner,
            st.sampled_from(ATTRIBUTES),
        ),
        st.builds("{}[0]".format, inner),
        st.builds("f'{{{}}}'".format, inner.filter(lambda text: "'" not in text)),
        st.builds("({} == {})".format, inner, inner),
        st.builds("[a for a in {}]".format, inner),
    ),
    max_leaves=4,
)
simple = st.one_of(
    imports,
    expressions,
    st.builds("{} = {}  # so".format, st.sampled_from(["a", "client", "auth", "a.b"]), expressions),
    st.builds("{}; {}".format, expressions, expressions),
    st.builds("if {}: {}".format, expressions, expressions),
    st.builds("'''\n'''; {}".format, expressions),
)


def block(head: str, statements: list[str]) -> str:
    lines = "\n".join(statements).split("\n")
    return "\n".join([head, *(f"    {line}" for line in lines)])


statements = st.recursive(
    simple,
    lambda inner: st.builds(
        block,
        st.sampled_from(
            ["def f(client: RestliClient):", "class A(RestliClient):", "try:", "for a in b:  # each", "if a:"]
        ),
        st.lists(inner, min_size=1, max_size=3),
    ).map(lambda text: text + "\nexcept requests.Timeout:\n    pass" if text.startswith("try") else text),
    max_leaves=5,
)
programs = st.lists(statements, min_size=1, max_size=6).map(lambda lines: "# linkedin_api\n" + "\n".join(lines) + "\n")


def is_a_program(source: str) -> bool:
    try:
        compile(source, "a program", "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError:  # such as an assignment inside of what it is made of
        return False
    return True


def comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT and "TODO" not in token.string)


@given(programs.filter(is_a_program), st.sampled_from(["\n", "\r\n"]))
def test_a_migrated_program_stays(source: str, end: str) -> None:
    source = source.replace("\n", end)
    migration = migrate(source)
    assert is_a_program(migration.text)
    assert comments(migration.text) == comments(source)
    assert migrate(migration.text).text == migration.text
