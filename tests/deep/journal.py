"""Kill runs that keep a journal, twenty times each: ``python -m tests.deep.journal --seed N --size N`` (creates).

A run of creates and a flow of a tenth as many are killed (SIGKILL) at random places and started again, until they end.
The server's own records must agree with what they say then: nothing done twice, nothing missing, the unknown named.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.deep.arguments import parse
from tests.deep.faults import show
from tests.support.killed_runs import KINDS, THREADS, play_killed

KILLS = 20


def main(arguments: list[str] | None = None) -> int:
    """Kill the runs, print what came of them, and return 1 where anything went wrong."""
    seed, size = parse(__doc__, arguments, size=2000)
    wrong = 0
    for kind in KINDS:
        began = time.monotonic()
        things = size if kind == "calls" else max(size // 10, 3)
        # Each kill may leave as many unknown as there are threads, which are not sent again.
        kills = min(KILLS, things // (2 * THREADS if kind == "calls" else 3))
        with tempfile.TemporaryDirectory() as directory:
            result = play_killed(kind, Path(directory, "run.jsonl"), seed=seed, size=things, kills=kills)
        print(f"{kind}: {things} creates from seed {seed}, killed {result.kills} times", end=" ")
        print(f"in {time.monotonic() - began:.0f} s: {result.unknown} unknown, {len(result.faults)} faults")
        show(result.faults)
        wrong += bool(result.faults)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
