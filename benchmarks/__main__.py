"""All that is measured for docs/performance.md, by one command: ratios and counts, which judge nothing.

    python -m benchmarks [--quick] [--json FILE]

CPU time and peaks of memory; and machine instructions, where valgrind is installed, which takes some minutes. With
`--quick` it is a sample of each in less time, without instructions: to see that it runs, rather than to compare. The
file has the figures that readers are shown, of which `python -m benchmarks.chart FILE` makes the chart and the table.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from benchmarks import calls, client, codec, import_time, instructions, memory, results, transports


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample of each, without instructions")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures for readers there")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        with mock.patch.object(instructions, "is_there", return_value=False):
            _print_all(["--rounds", "1", "--seconds", "0"], ["--rounds", "1", "--seconds", "0.02"], ["--runs", "1"])
            _print("growth of the codec")
            codec.print_growth(items=(1, 1000), levels=(1, 1000))
    else:
        _print_all([], [], [])
        _print("growth of the codec")
        codec.print_growth()
    if chosen.json:
        _print("the figures for readers")
        results.main([str(chosen.json), *(["--rounds", "1", "--seconds", "0"] if chosen.quick else [])])
        print(f"{chosen.json}: python -m benchmarks.chart {chosen.json} makes the chart and the table of it")


def _print_all(timed: list[str], whole: list[str], imports: list[str]) -> None:
    """Print what each benchmark prints, given its command line."""
    libraries = (f"{name} {version}" if version else f"no {name}" for name, version in results.versions().items())
    print(platform.python_implementation(), platform.python_version(), *libraries, sep=", ")
    _print("codec")
    codec.main(timed)
    _print("calls: building a request, and reading its answer")
    calls.main(timed)
    _print("client: a call over a stored answer")
    client.main(timed)
    _print("memory")
    memory.main()
    _print("import")
    import_time.main(imports)
    _print("transports")
    transports.main(whole)


def _print(heading: str) -> None:
    print(f"\n-- {heading}\n", flush=True)


if __name__ == "__main__":
    main()
