"""All that is measured for docs/performance.md, by one command: ratios and counts, which judge nothing.

    python -m benchmarks [--quick]

CPU time and peaks of memory; and machine instructions, where valgrind is installed, which takes some minutes. With
`--quick` it is a sample of each in less time, without instructions: to see that it runs, rather than to compare.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from importlib import metadata
from unittest import mock

from benchmarks import calls, client, codec, import_time, instructions, memory, transports

_LIBRARIES = ("urllib3", "requests", "httpx", "h11", "linkedin-api-client")


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample of each, without instructions")
    if parser.parse_args(arguments).quick:
        with mock.patch.object(instructions, "is_there", return_value=False):
            _print_all(["--rounds", "1", "--seconds", "0"], ["--rounds", "1", "--seconds", "0.02"], ["--runs", "1"])
            _print("growth of the codec")
            codec.print_growth(items=(1, 1000), levels=(1, 1000))
    else:
        _print_all([], [], [])
        _print("growth of the codec")
        codec.print_growth()


def _print_all(timed: list[str], whole: list[str], imports: list[str]) -> None:
    """Print what each benchmark prints, given its command line."""
    print(platform.python_implementation(), platform.python_version(), *map(_version, _LIBRARIES), sep=", ")
    _print("codec")
    codec.main(timed)
    _print("calls: building a request, and reading its answer")
    calls.main(timed)
    _print("client: a call over a stored answer")
    client.main([])
    _print("memory")
    memory.main()
    _print("import")
    import_time.main(imports)
    _print("transports")
    transports.main(whole)


def _print(heading: str) -> None:
    print(f"\n-- {heading}\n", flush=True)


def _version(name: str) -> str:
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return f"no {name}"


if __name__ == "__main__":
    main()
