"""Counting instructions with callgrind: unlike times, they do not depend on what else the machine does.

A module that is counted has a function ``operations()``, which returns them by name. They are prepared in one process
under valgrind; each is then called in forks of it, in one fork a few times more often than in another, and the
difference counts. So neither the start nor the warm-up is in the figures. Two runs agree within 2 to 4%.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from time import process_time
from typing import Final

__all__ = ["counts", "is_there", "of_statement"]

Operations = Mapping[str, Callable[[], object]]

# Up to this many microseconds for a call: how many calls warm it up, and how many are counted.
_CALLS: Final = ((500, 40, 20), (5_000, 4, 4), (float("inf"), 1, 1))


def is_there() -> bool:
    """Whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def counts(module: str, *names: str) -> dict[str, float]:
    """The instructions of one call of each operation of a module; of these alone, where names are given."""
    done = _under_valgrind(["-m", "benchmarks.instructions", module, *_plan(module, names)])
    collected = {pid: int(count) for pid, count in re.findall(r"==(\d+)== Collected : (\d+)", done.stderr)}
    found: dict[str, float] = {}
    for line in done.stdout.splitlines():
        few, many, calls, name = line.split(" ", 3)
        found[name] = (collected[many] - collected[few]) / int(calls)
    return found


def of_statement(statement: str) -> int:
    """The instructions of an interpreter that starts, runs a statement, and ends; bytecode is cached."""
    command = ["-c", statement]
    subprocess.run([sys.executable, *command], check=True, env=_environment())
    return int(re.findall(r"Collected : (\d+)", _under_valgrind(command).stderr)[0])


def _under_valgrind(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run Python under callgrind."""
    whole = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, *command]
    return subprocess.run(whole, env=_environment(), capture_output=True, text=True, check=True)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONHASHSEED": "0"}


def _plan(module: str, names: tuple[str, ...]) -> list[str]:
    """The operations with the number of calls that warm each up, and of those to count: ``40 20 name``."""
    plan = []
    for name, operation in import_module(module).operations().items():
        if not names or name in names:
            operation()
            began = process_time()
            operation()
            microseconds = (process_time() - began) * 1e6
            warm, calls = next((warm, calls) for most, warm, calls in _CALLS if microseconds <= most)
            plan.append(f"{warm} {calls} {name}")
    return plan


def _count(operation: Callable[[], object], calls: int) -> int:
    """Call an operation in a fork, and return the fork's process id, under which valgrind tells its count."""
    pid = os.fork()
    if not pid:
        for _ in range(calls):
            operation()
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def main(module: str, plan: list[str]) -> None:
    """Count, under valgrind: print which processes have called each operation."""
    operations: Operations = import_module(module).operations()
    gc.collect()
    gc.freeze()
    for line in plan:
        warm, calls, name = line.split(" ", 2)
        few, many = (_count(operations[name], int(warm) + more) for more in (1, 1 + int(calls)))
        print(few, many, calls, name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
