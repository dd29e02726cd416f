"""``python -m restli_core``: the command line of the core, and nothing before it is run."""

from __future__ import annotations

import subprocess
import sys

from restli_core.__main__ import main
from restli_core.command_line import entry
from tests.support.source_tree import ROOT


def test_it_is_the_command_line() -> None:
    assert main is entry.main


def test_it_runs_in_a_process_of_its_own_without_any_package_but_the_core() -> None:
    program = (
        f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); sys.argv[1:] = ['encode', '-']\n"
        "runpy.run_module('restli_core', run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    ran = subprocess.run(command, input='[1, "caf\u00e9"]'.encode(), capture_output=True, check=False)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, b"List(1,caf%C3%A9)", b"")
