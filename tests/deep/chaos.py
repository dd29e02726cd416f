"""Send calls through a server that fails by chance, over every transport: ``python -m tests.deep.chaos --size N``.

A fifth of the answers is lost, cut, late or an error. No write may be done twice, none that was acknowledged lost, and
the server's journal and the client's account must agree on each try. ``--transport NAME`` takes one of them alone.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.support.chaos import TRANSPORTS, play


def main(arguments: list[str] | None = None) -> int:
    """Send the calls, print what came of them, and return 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="where the schedule begins (default: %(default)s)")
    parser.add_argument("--size", type=int, default=20_000, help="calls over each transport (default: %(default)s)")
    parser.add_argument("--transport", choices=TRANSPORTS, help="one of them alone")
    known = parser.parse_args(arguments)
    short = 0
    for name in TRANSPORTS if known.transport is None else (known.transport,):
        began = time.monotonic()
        result = play(name, seed=known.seed, size=known.size)
        print(f"{name}: {known.size} calls from seed {known.seed} in {time.monotonic() - began:.0f} s,", end=" ")
        print(f"{len(result.faults)} faults", dict(sorted(result.kinds.items())), dict(sorted(result.outcomes.items())))
        for fault in result.faults[:10]:
            print(f"    {fault}"[:2000])
        short += bool(result.faults)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
