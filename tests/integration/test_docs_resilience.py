"""docs/resilience.md: each of its programs runs as it stands, and prints what the page says."""

from __future__ import annotations

import re

import pytest

from restli_core import Backoff, Limit, RetryPolicy
from restli_core.flows.retry import kind_of
from restli_core.methods import METHODS
from tests.support.pages import programs_in, section_of, text_of

PAGE = text_of("docs/resilience.md")
BLOCKS = programs_in(PAGE)

# A line of each program -> what it prints.
PRINTED = {
    "server.fail_next(reset=True)": "Summer\nday 1\n",
    'RetryPolicy(repeat="idempotent")': "['TransportTimeout', 'NotFoundError']\n",
    "Timeout(read=280, total=300)": "",
    "str(error).rpartition": (
        "1 ConnectError 0.0\n2 ServerError 0.0\n3 ServerError 0.0\n4 ServerError 0.0\nafter 4 tries in 1.8 s\n"
    ),
    "error.window)": "[330.0] 330.0\n",
    "Limit(2, 60": "[60.0]\nTrue\n",
}


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.sockets
@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(
    code: str, printed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)  # for waits of no length
    exec(compile(code, "docs/resilience.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed


def test_the_defaults_are_those_of_the_page() -> None:
    section = section_of(PAGE, "The policy")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE))
    policy = RetryPolicy()
    assert {name: eval(text.strip("`"), {"Backoff": Backoff}) for name, text in rows.items()} == {
        name: getattr(policy, name) for name in RetryPolicy.__match_args__
    }


def test_the_methods_are_those_of_the_page() -> None:
    for repeat, kind in (("safe", "safe"), ("idempotent", "idempotent"), ("all", "unsafe")):
        (row,) = re.findall(rf'^\| `"{repeat}"`[^|]*\| ([^|:]*)', PAGE, re.MULTILINE)
        assert {*re.findall(r"\w+", row)} & {*METHODS} == {name for name in METHODS if kind_of(name) == kind}


def test_the_page_has_each_argument_of_a_limit() -> None:
    section = PAGE.partition("\n## Limits of one's own\n")[2]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [*Limit.__match_args__]
