"""docs/members.md: its programs run one after another, as they stand, and print what the page says."""

from __future__ import annotations

import inspect
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import restli_transports
from restli_transports import RestliClient
from restli_transports.tokens import AsyncMemberTokens, MemberTokens
from restli_transports.urllib3 import Urllib3Transport
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/members.md")
BLOCKS = programs_in(PAGE)
ADA = "{'localizedFirstName': 'Ada'}\n"

# A line of each program -> what it prints.
PRINTED = {
    "rows = {}": ADA,
    "new_state()": ADA,
    'tokens["eve"]).get': "login_required: there is no token: the member must sign in (again)\n",
    "BEGIN IMMEDIATE": ADA,
    "DELETE FROM": "login_required\n",
    "asyncio.run": ADA * 3,
    "source.age": f"True\n{ADA}",
}


class MovedClock:
    """A clock whose waits are over at once."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def now(self) -> float:
        return sum(self.waits)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.sockets
def test_each_program_prints_what_the_page_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = MovedClock()
    transports: list[Urllib3Transport] = []

    class Moved(RestliClient):
        """A client as the programs make it, whose waits no test has to sit through."""

        def __init__(self, **options: Any) -> None:
            transport = Urllib3Transport()
            transport.clock = clock  # type: ignore[attr-defined]
            transports.append(transport)
            super().__init__(transport, **options)

    monkeypatch.setattr(restli_transports, "RestliClient", Moved)
    context: dict[str, Any] = {}
    try:
        for code, printed in zip(BLOCKS, PRINTED.values(), strict=True):
            exec(compile(code, "docs/members.md", "exec"), context)
            assert capsys.readouterr().out == printed
    finally:
        connection: sqlite3.Connection | None = getattr(context.get("here"), "connection", None)
        if connection is not None:
            connection.close()
        if "server" in context:
            context["server"].stop()
        for one in [context.get("auth"), *transports]:
            if one is not None:
                one.close()
    assert clock.waits == [5.0]


@pytest.mark.parametrize("kind", [MemberTokens, AsyncMemberTokens])
def test_each_argument_is_told_of(kind: Any) -> None:
    assert f"`{kind.__name__}" in PAGE or kind.__name__ in "".join(BLOCKS)
    for name in inspect.signature(kind).parameters:
        assert re.search(rf"^\| .*`{name}[`(].* \|", PAGE, re.MULTILINE), name
