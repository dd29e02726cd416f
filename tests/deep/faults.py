"""How deep tests show what fell short."""

from __future__ import annotations

from collections.abc import Sequence


def show(faults: Sequence[str]) -> None:
    """Print the first of the faults below the figures of a run, each on a line that is not too long."""
    for fault in faults[:10]:
        print(f"    {fault}"[:2000])
