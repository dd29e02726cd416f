"""A library that is not installed is told of by the name of the extra that brings it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest

from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing.compliance.scripts import echo
from restli_transports.testing.scripted_server import ScriptedServer
from tests.support.libraries import need
from tests.support.source_tree import ROOT

LIBRARIES = [
    ("urllib3", "urllib3", "urllib3"),
    ("requests", "requests", "requests"),
    ("httpx httpx2", "httpx", "httpx"),
    ("httpx httpx2", "httpx", "httpx2"),
    ("anyio", "httpx", "httpx"),
    ("h11", "h11", "h11"),
    ("anyio", "h11", "h11"),
    ("aiohttp", "aiohttp", "aiohttp"),
    ("h11", "testing.http_connection", "h11"),
    ("pytest", "testing.compliance", "testing"),
    ("trustme", "testing.compliance", "testing"),
]


def without(libraries: str, module: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the module, which is to be imported anew without the libraries."""
    name = f"restli_transports.{module}"
    for loaded in [loaded for loaded in sys.modules if f"{loaded}.".startswith(f"{name}.")]:
        monkeypatch.delitem(sys.modules, loaded)
    for library in libraries.split():
        monkeypatch.setitem(sys.modules, library, None)
    return name


@pytest.mark.parametrize(("libraries", "module", "extra"), LIBRARIES)
def test_the_extra_is_named(libraries: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = without(libraries, module, monkeypatch)
    with pytest.raises(ImportError, match=rf'pip install [^\n]*"restli-core\[{extra}\]"'):
        importlib.import_module(name)


@pytest.mark.parametrize(
    ("client", "libraries", "module"),
    [(RestliClient, "urllib3", "urllib3"), (AsyncRestliClient, "httpx httpx2", "httpx")],
)
def test_a_client_without_a_transport_names_that_of_its_own(
    client: type[RestliClient | AsyncRestliClient], libraries: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(libraries, module, monkeypatch)
    with pytest.raises(ImportError, match=rf'pip install "restli-core\[{module}\]".*; or give the client another'):
        client()


# Both libraries have their own core. The client is a module's global, which several event loops use.
PROGRAM = """
import asyncio, sys
sys.modules.update(dict.fromkeys(sys.argv[2].split()))
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.httpx import HttpxTransport

client = AsyncRestliClient(base_url=sys.argv[1])

async def main():
    print((await client.get("/awaited")).entity["target"], type(client.session).__module__)

async def with_it():
    async with client:
        await main()

for function in (main, main, with_it, with_it, main):
    asyncio.run(function())
with RestliClient(HttpxTransport(), base_url=sys.argv[1]) as blocking:
    print(blocking.get("/blocking").entity["target"], type(blocking.session).__module__)
"""


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("hidden", "library"), [("httpx httpcore", "httpx2"), ("httpx2 httpcore2", "httpx"), ("", "httpx")]
)
def test_either_library_of_httpx_is_enough(hidden: str, library: str) -> None:
    need(library)
    path = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    with ScriptedServer(echo) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM, server.url, hidden],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": path},
        )
    lines = [f"/awaited {library}"] * 5 + [f"/blocking {library}"]
    assert (done.stdout.splitlines(), done.stderr) == (lines, "")
