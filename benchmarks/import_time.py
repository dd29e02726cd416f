"""What importing costs in a fresh interpreter, as a ratio to what the standard library costs that the core stands on.

    python -m benchmarks.import_time [--runs N]

Warm: the bytecode is cached, as it is on every run but the first. Each row is run in turn with the baseline, and the
medians are compared; the interpreter's own start is taken off both. Where valgrind is installed, machine instructions
are counted, too: they do not depend on how busy the machine is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from statistics import median
from typing import Final

from benchmarks import instructions

BASELINE: Final = "import json, re, urllib.parse, dataclasses, enum"
STATEMENTS: Final = (
    "import restli_core",
    "import restli_core.server",
    "import restli_transports",
    "import restli_transports.urllib3",
    "import restli_transports.requests",
)
# Beside them, those that are installed: what users have anyway, or would import in their place.
OTHERS: Final = ("urllib3", "h11", "httpx", "requests", "linkedin_api.clients.restli.client")
_ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _is_installed(name: str) -> bool:
    return find_spec(name.partition(".")[0]) is not None


def seconds(statement: str) -> float:
    """How long a fresh interpreter takes to start, to run a statement, and to end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=_ENVIRONMENT)
    return time.perf_counter() - started


def medians(statements: Sequence[str], runs: int) -> list[float]:
    """The median of each, run in turn so that a change of the machine's pace touches all alike."""
    rounds = [[seconds(statement) for statement in statements] for _ in range(runs + 1)]
    return [median(taken) for taken in zip(*rounds[1:], strict=True)]  # the first round fills the caches


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args(arguments).runs
    statements = (*STATEMENTS, *(f"import {name}" for name in OTHERS if _is_installed(name)))
    start, baseline, *rest = medians(("pass", BASELINE, *statements), runs)
    is_counted = instructions.is_there()
    bare = instructions.of_statement("pass") if is_counted else 0
    print(f"{'':45} {'ms':>6}  {'ratio':>5}  {'M instr':>7}")
    for statement, taken in zip((BASELINE, *statements), (baseline, *rest), strict=True):
        counted = f"{(instructions.of_statement(statement) - bare) / 1e6:7.1f}" if is_counted else f"{'-':>7}"
        print(f"{statement:48} {(taken - start) * 1000:6.1f}  {(taken - start) / (baseline - start):5.2f}  {counted}")


if __name__ == "__main__":
    main()
