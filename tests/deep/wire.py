"""Send many calls through all transports: ``python -m tests.deep.wire --seed N --size N`` (calls of each method)."""

from __future__ import annotations

import sys

from tests.deep.arguments import parse
from tests.deep.laws import run


def main(arguments: list[str] | None = None) -> int:
    """Send the calls and return the exit status."""
    seed, size = parse(__doc__, arguments, size=300)
    return run(seed, size, "tests/property/test_the_wire_is_what_the_call_says.py")


if __name__ == "__main__":
    sys.exit(main())
