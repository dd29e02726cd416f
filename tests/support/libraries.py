"""Libraries that need not be installed: what is tested with one is skipped where it is missing, and says so.

    python -m tests.support.libraries           names those that are missing, with status 1

The tests of a source distribution run with whatever is there, down to pytest and Hypothesis alone. That nothing is
skipped by mistake where all should be there is for the command above to say.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

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
    "msgspec": "dev",
    "numpy": "dev",
    "opentelemetry": "otel",
    "orjson": "dev",
    "pandas": "dev",
    "polars": "dev",
    "pydantic": "dev",
    "pytest_recording": "dev",
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
}


def missing_library(error: BaseException | None) -> str | None:
    """Return why a test cannot run here: the name of a library that is missing, with its extra; None if it is not that.

    Args:
        error: what an import raised, perhaps through others.
    """
    while error is not None:
        if isinstance(error, ImportError):
            library = (error.name or "").partition(".")[0]
            if library in OPTIONAL and not is_there(library):
                return f"needs {library}, which is not installed (extra {OPTIONAL[library]})"
        error = error.__cause__ or error.__context__
    return None


def is_there(library: str) -> bool:
    """Return whether a library can be imported."""
    return find_spec(library) is not None


if __name__ == "__main__":
    gone = [library for library in OPTIONAL if not is_there(library)]
    print(*(f"{library} is missing" for library in gone), sep="\n")
    sys.exit(bool(gone))
