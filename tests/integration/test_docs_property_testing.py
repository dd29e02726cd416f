"""docs/property-testing.md: its programs run as they stand, and its test file finds the bug in its encoder."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import restli_hypothesis
from restli_transports.testing import strategies
from tests.support.pages import programs_in, text_of
from tests.support.source_tree import ROOT

PAGE = text_of("docs/property-testing.md")
BLOCKS = programs_in(PAGE)
TEXTS: list[str] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)

# A line of each block -> its title here.
KNOWN = {
    "from urllib.parse import quote": "encoder",
    "test_a_server_reads_what_was_meant": "test file",
    "for result in report.findings:": "report",
    '"bytes" not in result.law': "some laws",
    "def build_url": "ours",
    "@given(http_responses(call))": "answers",
    "st.from_type(HttpRequest)": "types",
    "vectors.load": "vectors",
    "pytest.mark.restli": "fixtures",
}
RUN = {"report", "some laws", "ours", "answers", "types", "vectors"}


def titled() -> dict[str, str]:
    return dict(zip(KNOWN.values(), BLOCKS, strict=True))


def test_each_block_is_known() -> None:
    assert [[line for line in KNOWN if line in code][:1] for code in BLOCKS] == [[line] for line in KNOWN]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_encoder.py").write_text(titled()["encoder"], encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, which finds the packages as if they were installed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports"), str(folder)])}
    environment.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)


def test_a_newcomers_test_file_finds_the_bug(folder: Path) -> None:
    code = titled()["test file"]
    assert len(list(filter(None, code.splitlines()))) == 9  # as the page says
    (folder / "test_my_encoder.py").write_text(code, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    # In a worker of pytest-xdist, where there is one, and without a plugin of our own tests that warns where nobody
    # configures it.
    workers = ("-n", "1") if find_spec("xdist") else ()
    done = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *workers)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed" in done.stdout
    for line in TEXTS[0].splitlines():  # what Hypothesis shows
        assert line in done.stdout
    assert re.search(r"assert not <Report: \d+ of \d+ laws broken: encode of ''", done.stdout)
    assert "Captured log call" in done.stdout
    assert "BROKEN  encode: a server reads the empty text" in done.stdout


def test_its_report_is_as_it_is_shown(folder: Path) -> None:
    (folder / "report.py").write_text(titled()["report"], encoding="utf-8")
    done = run(folder, "report.py")
    assert done.stderr == ""
    for finding in re.split(r"^(?=BROKEN)", TEXTS[1], flags=re.MULTILINE):
        assert finding in done.stdout


def test_laws_are_passed_over_by_their_sentences(folder: Path) -> None:
    (folder / "some_laws.py").write_text(titled()["some laws"], encoding="utf-8")
    done = run(folder, "some_laws.py")
    assert done.stderr == ""
    assert "a server reads the empty text" in done.stdout
    assert "bytes" not in done.stdout
    assert "deep" not in done.stdout


@pytest.mark.parametrize("title", sorted(RUN - {"report", "some laws"}))
def test_each_program_runs_as_it_stands(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    restli_hypothesis.register_types()  # as Hypothesis does where restli-core was installed
    context: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(titled()[title], "property-testing.md", "exec"), context)
    printed = capsys.readouterr().out
    assert printed.count(" is written ") == (3 if title == "vectors" else 0)


@pytest.mark.sockets
@pytest.mark.skipif(find_spec("restli_pytest") is None, reason="the plugin restli_pytest is not here")
def test_its_fixtures_are_there(folder: Path) -> None:
    (folder / "test_fixtures.py").write_text(titled()["fixtures"], encoding="utf-8")
    plugin = [] if "restli_pytest" in run(folder, "-m", "pytest", "--trace-config").stdout else ["-p", "restli_pytest"]
    done = run(folder, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", *plugin)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_strategy_that_is_told_of_is_there() -> None:
    section = PAGE.partition("\n## Strategies")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| (.*?) \|", section, re.MULTILINE)) - {"strategy", "---"}
    calls = [call for row in told for call in re.findall(r"`(\w+)\((.*?)\)", row)]
    assert sorted(name for name, _ in calls) == sorted(strategies.__all__)
    for name, arguments in calls:
        taken = inspect.signature(getattr(strategies, name)).parameters.values()
        known = [each.name if each.default is each.empty else f"{each.name}={each.default}" for each in taken]
        asked = [each for each in known if "=" not in each]
        written = list(filter(None, arguments.split(", ")))
        assert set(asked) <= set(written) <= set(known), name
