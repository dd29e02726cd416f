"""Send calls through a server that fails by chance, over every transport: ``python -m tests.deep.chaos --size N``.

A fifth of the answers is lost, cut, late or an error. No write may be done twice, none that was acknowledged lost, and
the server's journal and the client's account must agree on each try. ``--transport NAME`` takes one of them alone.
"""

from __future__ import annotations

import sys
import time

from tests.deep.arguments import parser
from tests.deep.faults import show
from tests.support.chaos import TRANSPORTS, play


def main(arguments: list[str] | None = None) -> int:
    """Send the calls, print what came of them, and return 1 where anything went wrong."""
    accepted = parser(__doc__, size=20_000)
    accepted.add_argument("--transport", choices=TRANSPORTS, help="one of them alone")
    known = accepted.parse_args(arguments)
    short = 0
    for name in TRANSPORTS if known.transport is None else (known.transport,):
        began = time.monotonic()
        result = play(name, seed=known.seed, size=known.size)
        print(f"{name}: {known.size} calls from seed {known.seed} in {time.monotonic() - began:.0f} s,", end=" ")
        print(f"{len(result.faults)} faults", dict(sorted(result.kinds.items())), dict(sorted(result.outcomes.items())))
        show(result.faults)
        short += bool(result.faults)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
