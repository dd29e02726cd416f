"""The arguments that all deep tests take."""

from __future__ import annotations

import argparse


def parse(document: str | None, arguments: list[str] | None, *, size: int) -> tuple[int, int]:
    """Return the seed and the size that the command line names.

    Args:
        document: the docstring of the program, whose first line `--help` shows.
        arguments: the command line; None for the process's own.
        size: what the size is by default.
    """
    parser = argparse.ArgumentParser(description=(document or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="where the random inputs begin (default: %(default)s)")
    parser.add_argument("--size", type=int, default=size, help="how much is tried (default: %(default)s)")
    known = parser.parse_args(arguments)
    return known.seed, known.size
