"""Try every property on many examples: ``python -m tests.deep.laws --seed N --size N`` (examples of each)."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.deep.arguments import parse


def run(seed: int, size: int, *tests: str) -> int:
    """Run these tests with another number of examples, and return pytest's exit status."""
    # In a process of its own, since pytest must be there before what it rewrites. The profile: tests.support.profiles.
    options = ["-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", "--hypothesis-profile=deep"]
    program = [sys.executable, "-m", "pytest", *options, *tests]
    return subprocess.run(program, env={**os.environ, "EXAMPLES": str(size)}, check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    """Try the properties and return the exit status."""
    seed, size = parse(__doc__, arguments, size=2000)
    return run(seed, size, "tests/property", "-m", "not sockets and not deep")


if __name__ == "__main__":
    sys.exit(main())
