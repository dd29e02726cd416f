"""The arguments that all deep tests take."""

from __future__ import annotations

import argparse


def parser(document: str | None, *, size: int) -> argparse.ArgumentParser:
    """Return what reads the seed and the size from a command line; a program may add options of its own.

    Args:
        document: the docstring of the program, whose first line `--help` shows.
        size: what the size is by default.
    """
    made = argparse.ArgumentParser(description=(document or "").partition("\n")[0])
    made.add_argument("--seed", type=int, default=1, help="where the random inputs begin (default: %(default)s)")
    made.add_argument("--size", type=int, default=size, help="how much is tried (default: %(default)s)")
    return made


def parse(document: str | None, arguments: list[str] | None, *, size: int) -> tuple[int, int]:
    """Return the seed and the size that the command line names.

    Args:
        document: the docstring of the program, whose first line `--help` shows.
        arguments: the command line; None for the process's own.
        size: what the size is by default.
    """
    known = parser(document, size=size).parse_args(arguments)
    return known.seed, known.size
