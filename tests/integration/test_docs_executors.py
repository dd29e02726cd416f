"""docs/executors.md: each of its programs runs as it stands, as a file, and prints what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from restli_core import Limit
from restli_core.methods import METHODS
from tests.support.pages import programs_in, text_of
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.sockets

PAGE = text_of("docs/executors.md")
BLOCKS = programs_in(PAGE)

# A line of each program -> what it prints.
PRINTED = {
    "ProcessPoolExecutor(2)": "Summer\nWinter\nNotFoundError\n",
    "LocalCluster(n_workers=2": "['Summer', 'Winter']\n",
}


def test_each_program_is_known() -> None:
    assert [[line for line in PRINTED if line in code] for code in BLOCKS] == [[line] for line in PRINTED]


@pytest.mark.parametrize(("code", "printed"), [*zip(BLOCKS, PRINTED.values(), strict=True)], ids=PRINTED)
def test_each_program_prints_what_the_page_says(code: str, printed: str, tmp_path: Path) -> None:
    if "distributed" in code and find_spec("distributed") is None:
        pytest.skip("it needs Dask, which is too large for `dev`")
    program = tmp_path / "program.py"  # a file, since the processes that it starts read it, too
    program.write_text(code, encoding="utf-8")
    path = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    done = subprocess.run(
        [sys.executable, program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
    (said,) = re.findall(r"main\(\)  # (.*)", code)
    assert said in {printed.strip(), ", ".join(printed.split())}


def test_what_a_second_run_leaves_alone_is_what_the_page_says() -> None:
    (sentence,) = re.findall(r"before it sends (.*? batches)\.", PAGE.replace("\n", " "))
    unsafe = {name for name, method in METHODS.items() if not method.safe and not method.idempotent}
    assert {name for name in METHODS if re.search(rf"\b{name}\b", sentence)} == {
        name for name in unsafe if not name.startswith("batch_")
    }


def test_the_arithmetic_of_the_page() -> None:
    assert "Limit(150, 60)` and `workers=4` each process sends 37 calls" in PAGE.replace("\n", " ")
    assert Limit(150, 60).most // 4 == 37
