"""docs/observability.md: each of its programs runs as it stands, and prints what the page says."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from restli_transports import events
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/observability.md")
BLOCKS = programs_in(PAGE)
TEXTS: list[str] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)

# A line of each program -> what it prints.
PRINTED = {
    "logging.basicConfig": TEXTS[0],
    "events.put_nowait": "RequestSent\nResponseReceived\n",
    "class Metrics": "{('get', '/adAccounts/{id}', 'ok'): 3}\n{('get', '/adAccounts/{id}', 'ConnectError'): 1}\n",
    "class Jobs": "nightly\n",
    "ConsoleSpanExporter": TEXTS[1],
}

pytestmark = pytest.mark.sockets


@contextmanager
def a_new_log() -> Generator[None]:
    """Let a program find the log as Python has it at its start: without pytest's handlers."""
    root, logger = logging.getLogger(), logging.getLogger("restli_transports")
    handlers, root.handlers = root.handlers, []
    try:
        yield
    finally:
        root.handlers = handlers
        logger.setLevel(logging.NOTSET)


def without_numbers(text: str) -> str:
    """Return a text with one digit in place of each number that is another at each run."""
    return re.sub(r"(?<=127\.0\.0\.1:)\d+|(?<=seconds=)[\d.e-]+|\d+(?= ms| bytes|\))|(?<=size=)\d+", "0", text)


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(code: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with a_new_log():
        exec(compile(code, "docs/observability.md", "exec"), {"__name__": "__main__"})
    assert without_numbers(capsys.readouterr().out) == without_numbers(printed)


def test_all_that_there_is_is_told_of() -> None:
    assert [name for name in {*events.__all__} - {"OnEvent"} if f"`{name}" not in PAGE] == []
    for name in set(events.__all__) - {"Event", "HeaderListener", "Listener", "OnEvent", "OpenTelemetry"}:
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        fields = re.findall(r"`(\w+)`", row.rpartition(" | ")[2])
        assert fields == [*getattr(events, name).__match_args__]
