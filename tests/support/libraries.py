"""Libraries that need not be installed: what is tested with one is skipped where it is missing, and says so.

    python -m tests.support.libraries           names those that are missing, with status 1

The tests of a source distribution run with whatever is there, down to pytest and Hypothesis alone. That nothing is
skipped by mistake where all should be there is for the command above to say.

On Windows the same goes for what only POSIX has, such as forks.

A module whose tests need one library each, and not all the same, imports them where each is missed by its own tests:

    with optional_imports():
        import httpx
        import requests
"""

from __future__ import annotations

import builtins
import os
import select
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final, NoReturn
from unittest import mock

# top-level module -> the extra, or the tool's own name, that brings it
OPTIONAL: Final = {
    "aiohttp": "aiohttp",
    "anyio": "h11",
    "authlib": "dev",
    "certifi": "requests",
    "cryptography": "dev",
    "duckdb": "examples",
    "flask": "examples",
    "h11": "h11",
    "h2": "dev",
    "httpx": "httpx",
    "httpx2": "httpx2",
    "httpx_auth": "dev",
    "jsonschema": "dev",
    "jwt": "dev",
    "keyring": "keyring",
    "linkedin_api": "bench",
    "matplotlib": "bench",
    "msgspec": "dev",
    "multidict": "aiohttp",
    "numpy": "dev",
    "opentelemetry": "otel",
    "orjson": "dev",
    "pandas": "dev",
    "polars": "dev",
    "pydantic": "dev",
    "pytest_httpx": "dev",
    "pytest_recording": "dev",
    "railroad": "dev",
    "referencing": "dev",
    "requests": "requests",
    "respx": "dev",
    "responses": "dev",
    "sniffio": "h11",
    "tqdm": "progress",
    "trio": "dev",
    "trustme": "testing",
    "urllib3": "urllib3",
    "vcr": "dev",
    "werkzeug": "examples",
    "xdist": "dev",
    "yarl": "aiohttp",
}

POSIX: Final = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
"""Modules of the standard library that Windows lacks."""


def what_is_missing(error: BaseException | None, *, is_windows: bool = os.name == "nt") -> str | None:
    """Return why a test cannot run here: the library that is missing, with its extra; None if it is nothing of that.

    Args:
        error: what a test raised, perhaps through others.
        is_windows: whether what only POSIX has may be missing, too.
    """
    while error is not None:
        if isinstance(error, ImportError):
            library = (error.name or "").partition(".")[0]
            if library in OPTIONAL and not is_there(library):
                return f"needs {library}, which is not installed (extra {OPTIONAL[library]})"
            if is_windows and library in POSIX:
                return f"needs {library}, which this system does not have"
        elif is_windows and isinstance(error, AttributeError):
            for module in _SYSTEM:
                if module is error.obj:
                    return f"needs {module.__name__}.{error.name}, which this system does not have"
        error = error.__cause__ or error.__context__
    return None


class _Missing(type):
    """A stand-in for what a missing module has: whoever calls it, or asks it for more, hears what is missing."""

    reason: str
    library: str

    def __call__(cls, *_: object, **__: object) -> NoReturn:
        cls._miss()

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # what Python itself and tools look for
            raise AttributeError(name)
        cls._miss()

    def _miss(cls) -> NoReturn:
        raise ImportError(cls.reason, name=cls.library)


class _MissingModule(ModuleType):
    """A stand-in for a missing module: all its names are there."""

    stand_in: _Missing

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.stand_in


@contextmanager
def optional_imports() -> Generator[None]:
    """Let a module's own imports in the block give stand-ins for what is in a library that is not installed.

    A test that uses one is skipped, as if it had come to the import itself; any other error is raised at once.
    """
    importing = builtins.__import__
    module = sys._getframe(2).f_globals  # pyright: ignore[reportPrivateUsage] - the caller's, past contextlib

    def tolerant(name: str, where: Any = None, *rest: Any) -> Any:
        try:
            return importing(name, where, *rest)
        except ImportError as error:
            # What others import meanwhile is not touched: they may do without, and say so.
            if where is not module or what_is_missing(error) is None:
                raise
            stand_in = _MissingModule(name)
            stand_in.stand_in = _Missing("Missing", (), {"reason": str(error), "library": _library(error)})
            return stand_in

    with mock.patch.object(builtins, "__import__", tolerant):
        yield


def _library(error: BaseException | None) -> str:
    """Return the name of the library that was missing first."""
    name = ""
    while error is not None:
        if isinstance(error, ImportError) and (error.name or "").partition(".")[0] in OPTIONAL:
            name = error.name or ""
        error = error.__cause__ or error.__context__
    return name


_SYSTEM: Final[tuple[ModuleType, ...]] = (os, signal, select, socket)


def need(*modules: str) -> None:
    """See that a program of the test, in a process of its own, finds what it imports.

    Args:
        modules: libraries, which are not imported here, and modules of ours, which are.

    Raises:
        ImportError: a library is not installed, and so the test is skipped.
    """
    for module in modules:
        if module not in OPTIONAL:
            import_module(module)
        elif not is_there(module):
            raise ImportError(f"{module} is not there", name=module)


def is_there(library: str) -> bool:
    """Return whether a library can be imported."""
    return find_spec(library) is not None


if __name__ == "__main__":
    gone = [library for library in OPTIONAL if not is_there(library)]
    print(*(f"{library} is missing" for library in gone), sep="\n")
    sys.exit(bool(gone))
