"""The law of command lines: whatever is typed and piped, a command ends with 0 or 1, or with 2 and a line on why.

No exception comes out, what is wrong is said before anything is printed, and a secret in the environment is in nothing
that is printed.
"""

from __future__ import annotations

import re
import shlex

from hypothesis import example, given
from hypothesis import strategies as st

from restli_core.command_line.entry import COMMANDS
from restli_core.methods import METHODS
from restli_transports.command_line.call_command import CALL
from tests.support.command_lines import run_line
from tests.support.profiles import examples

SECRET = "AQXhwW8wQ9sdAQXhwW8wQ9sd"
ENVIRON = {"LINKEDIN_ACCESS_TOKEN": SECRET, "LINKEDIN_CLIENT_SECRET": SECRET, "LINKEDIN_VERSION": "202609"}
ALL = (*COMMANDS, CALL)

OPTIONS = sorted({*re.findall(r"--?[a-z][a-z-]*", " ".join([command.parser("x").format_help() for command in ALL]))})

WORDS = st.sampled_from([
    "/adAccounts", "/adAccounts/{id}", "id=5", "id:=5", "search:=(a:List(1))", "a:=[", "a=@-", "a:=@-", "@", "@/", "-",
    "--", "List(a,b)", "(a:b", "{}", "[]", "[{}]", '{"a": 1}', "null", "202609", "2026-01-01", "Name: value", "5", "-5",
    "1e999", "", "https://api.linkedin.com/rest/x", "GET /x?ids=List(1)",
    "curl -H 'X-HTTP-Method-Override: GET' -d a=b https://a.b/c",
])  # fmt: skip
TEXTS = st.one_of(WORDS, st.text(max_size=12).filter(lambda text: "\0" not in text), st.sampled_from(OPTIONS))
NAMES = st.sampled_from([command.name for command in ALL])
METHOD_NAMES = st.sampled_from(sorted(METHODS))
# `call` sends nothing here.
LINES = st.one_of(
    st.lists(TEXTS, max_size=4),
    st.tuples(NAMES, st.lists(TEXTS, max_size=6)).map(lambda pair: [pair[0], *pair[1]]),
    st.tuples(METHOD_NAMES, st.lists(TEXTS, max_size=6)).map(lambda pair: ["curl", pair[0], "/x/{id}", *pair[1]]),
).map(lambda line: [*line[:1], "--dry-run", *line[1:]] if line[:1] == ["call"] else line)


@given(LINES, st.one_of(st.none(), st.binary(max_size=20), WORDS.map(str.encode)))
@example(shlex.split("curl create /x --header 'A: \ud800' --set a=1"), b"")
@example(["decode", "\ud800"], b"")
@example(["encode", "--text", "\udce9"], b"")
@example(["versions", "--on", "9999-12-31"], b"")
@example(["explain", "\ud800"], b"")
@example(["curl", "get", "/x", "--fields", "\x1b[31m"], b"")
@examples(300, quick=60)
def test_a_command_line_ends_in_a_line(line: list[str], stdin: bytes | None) -> None:
    ran = run_line(line, stdin, ENVIRON, commands=ALL)
    assert ran.status in {0, 1, 2}
    if ran.status == 2:
        assert ran.out == ""
        assert ran.err.count("\n") == 1
        assert ran.err.endswith("\n")
    assert ran.err.replace("\n", "").isprintable()
    assert SECRET not in ran.out + ran.err
