"""``python -m restli_transports``: the whole command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from restli_transports.__main__ import main
from restli_transports.command_line import entry
from tests.support.source_tree import ROOT

# As the module runs, without a library, and with the names of what it has loaded at the end.
PROGRAM = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "transports")!r}]
from restli_transports.__main__ import main
status = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(status)
"""


def test_it_is_the_whole_command_line() -> None:
    assert main is entry.main


def test_the_pure_commands_need_and_load_nothing_that_is_installed() -> None:
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, "encode", "[1]"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "List(1)\n")
    packages = {name.partition(".")[0] for name in ran.stderr.split()}
    assert packages - sys.stdlib_module_names - {"__main__"} == {"restli_core", "restli_transports"}
    assert packages.isdisjoint({"asyncio", "http", "socketserver", "webbrowser"})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("call get /me --no-token", 'an HTTP library is missing: pip install "restli-core[urllib3]"'),
        ("serve", 'the embedded server needs h11: pip install "restli-core[h11]"'),
    ],
    ids=["call", "serve"],
)
def test_what_to_install_is_said_in_a_line(line: str, said: str) -> None:
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, *line.split()]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[0] == f"restli {line.partition(' ')[0]}: {said}"
