"""Try every property on many examples: ``python -m tests.deep.laws --seed N --size N`` (examples of each)."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.deep.arguments import parse


def run(seed: int, size: int, *tests: str) -> int:
    """Run these tests with another number of examples, and return pytest's exit status."""
    settings.register_profile(
        "deep", max_examples=size, deadline=None, database=None, suppress_health_check=HealthCheck
    )
    # No cache: what a run tries depends on its seed alone.
    options = ["-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", "--hypothesis-profile=deep"]
    return int(pytest.main([*options, *tests]))


def main(arguments: list[str] | None = None) -> int:
    """Try the properties and return the exit status."""
    seed, size = parse(__doc__, arguments, size=2000)
    return run(seed, size, "tests/property", "-m", "not sockets and not deep")


if __name__ == "__main__":
    sys.exit(main())
