"""Count machine instructions by valgrind's callgrind, where it is there: they do not depend on how busy the machine is.

The functions run in a process of its own, with a fixed hash seed and a frozen garbage collector. Each is called some
times first, so that caches are filled and code is specialised; then so many calls are counted between two marks.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

_MARK: Final = "getppid"  # of libc: nothing else calls it
WARMING: Final = 41  # calls before those that are counted; the first ones are dearer
COUNTED: Final = 3
MAX_SECONDS: Final = 1.0  # for warming


def is_available() -> bool:
    """Return whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def of_functions(module: str) -> dict[str, float]:
    """Return the instructions of one call of each of the `functions()` that a module of benchmarks has."""
    functions: Mapping[str, Callable[[], object]] = import_module(module).functions()
    with tempfile.TemporaryDirectory() as folder:
        # Before each mark what was counted is written to a file of its own, the numbers of which are 1, 2, and so on.
        _run(
            [f"--dump-before={_MARK}", f"--callgrind-out-file={folder}/out"], ["-m", "benchmarks.instructions", module]
        )
        counted = [
            int(re.findall(r"^totals: (\d+)", Path(folder, f"out.{2 * index + 2}").read_text(), re.MULTILINE)[0])
            for index in range(len(functions))
        ]
    return {name: total / COUNTED for name, total in zip(functions, counted, strict=True)}


def of_statement(statement: str) -> int:
    """Return the instructions of an interpreter that starts, runs a statement, and ends; bytecode is cached."""
    command = ["-c", statement]
    subprocess.run([sys.executable, *command], check=True, env=_environment())
    said = _run(["--callgrind-out-file=/dev/null"], command)
    return int(re.findall(r"Collected : (\d+)", said)[0])


def _run(options: Sequence[str], command: Sequence[str]) -> str:
    """Run Python under callgrind, and return what that says."""
    whole = ["valgrind", "--tool=callgrind", *options, sys.executable, *command]
    done = subprocess.run(whole, check=True, env=_environment(), stderr=subprocess.PIPE, text=True)
    return done.stderr


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONHASHSEED": "0"}


def main(module: str) -> None:
    """Call the functions of a module between marks."""
    functions: Mapping[str, Callable[[], object]] = import_module(module).functions()
    gc.collect()
    gc.freeze()
    for function in functions.values():
        started = time.process_time()
        for calls in range(WARMING):
            if calls > 3 and time.process_time() - started > MAX_SECONDS:
                break
            function()
        os.getppid()
        for _ in range(COUNTED):
            function()
        os.getppid()


if __name__ == "__main__":
    main(sys.argv[1])
