"""Run one target under atheris: `python -m tests.fuzz` starts this in a process of its own, which libFuzzer ends.

python -m tests.fuzz.engine TARGET [option or folder of libFuzzer's ...]
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from typing import Any

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer ends the process."""
    atheris: Any = import_module("atheris")  # by its name, since type checkers may not have it
    name, *options = arguments
    # What shall lead the fuzzer is instrumented as it is imported.
    with atheris.instrument_imports(include=["restli_core", "restli_transports", "h11"]):
        targets, target_module = import_module("tests.fuzz.targets"), import_module("tests.fuzz.target")
    warnings.simplefilter("ignore")  # of values that are probably not what was meant: no law is about these
    target = targets.TARGETS[name]

    def try_one(data: bytes) -> None:
        target_module.attempt(target, data)

    atheris.Setup([name, *options], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
