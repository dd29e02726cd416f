"""The script `restli`: from its first line on, an interruption ends it without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import restli_command
from tests.support.source_tree import ROOT

INTERRUPTED = """
import sys

class Interrupting:
    def find_spec(name, *_):
        if name == {name!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting)
import restli_command
sys.exit(restli_command.main())
"""


@pytest.mark.parametrize("name", ["restli_transports", "restli_core.encoding", "restli_transports.command_line.entry"])
def test_an_interruption_of_an_import_leaves_no_traceback(name: str) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
    program = [sys.executable, "-c", INTERRUPTED.format(name=name)]
    ran = subprocess.run(program, env=environ, capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_it_runs_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/restli", "encode", "[1]"])
    assert restli_command.main() == 0
    assert capsys.readouterr().out == "List(1)\n"
