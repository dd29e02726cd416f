"""Pyodide: what the core and the clients do in it is what they do here, and docs/pyodide.md does what it says."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from restli_core.messages import HttpResponse
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer
from tests.support import portable_run
from tests.support.chromium import CHROMIUM, browser
from tests.support.pages import section_of, text_of
from tests.support.pyodide_runs import NotToBeHadError, find_pyodide, run_in_pyodide, write_archive

pytestmark = pytest.mark.sockets

PAGE: Final = text_of("docs/pyodide.md")


def block(name: str) -> str:
    """Return the program of the page after this comment."""
    (found,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


CODEC = """
import json, portable_run
print(json.dumps(portable_run.codec()))
"""
CLIENTS = """
import json, portable_run
print(json.dumps([portable_run.blocking(), await portable_run.awaited()]))
"""
FAILURES = """
from restli_core import HttpRequest, InvalidCallError, NotFoundError, RestliError, RetryPolicy
from restli_transports import AsyncRestliClient, Timeout

async def told(wait):
    try:
        print((await wait).status_code)
    except RestliError as error:
        print(type(error).__name__, getattr(error, "message", None) or str(error).rpartition(": ")[2])

async def main():
    client = AsyncRestliClient(FetchTransport(), base_url=PROXY, access_token="t", retry=None)
    await told(client.get("/adAccounts/1"))
    await told(client.get("/moved"))
    await told(client.with_options(timeout=Timeout(total=0.05)).get("/slow/1"))
    await told(client.with_options(base_url=CLOSED).get("/me"))
    await told(client.with_options(base_url=CUT).get("/me"))
    empty = {"search": {"status": {"values": ["DRAFT", ""]}}}
    await told(client.finder("/adAccounts", "search", query_params=empty))
    await told(client.finder("/adAccounts", "search", query_params=empty, tunnel_above=0))
    for request in (HttpRequest("GET", PROXY, {}, b"{}"), HttpRequest("GET", PROXY.replace("//", "//user:secret@"))):
        await told(FetchTransport().send(request, timeout=Timeout()))
    await told(client.batch_get("/adAccounts", range(5001, 6000)))
    retried = await client.with_options(retry=RetryPolicy(tries=2)).get("/adAccounts/7777")
    print(retried.entity)
    task = asyncio.ensure_future(client.get("/slow/2"))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
"""
FAILED = """\
NotFoundError Requested entity not found: type=get, resource=/adAccounts/{id:long}
ServiceError the server gave no message; it redirects to /me, and no redirect is followed
TransportTimeout the total limit passed
ConnectError ECONNREFUSED
ProtocolError UND_ERR_SOCKET
InvalidCallError is one that fetch would change; tunnel_above=0 sends the query in the body
200
InvalidCallError is one that fetch refuses, with a user in its URL or a body of a GET
InvalidCallError is one that fetch refuses, with a user in its URL or a body of a GET
200
{'name': 'there in the end'}
cancelled"""


@pytest.fixture(scope="session")
def pyodide(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = getattr(request.config, "cache", None)
    try:
        return find_pyodide(tmp_path_factory.mktemp("npm") if cache is None else cache.mkdir("pyodide"))
    except NotToBeHadError as error:
        pytest.skip(str(error))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def cutting() -> Generator[str]:
    """A server that reads a request, and closes without an answer."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(1 << 16)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def serving() -> Generator[RestliServer]:
    gate = threading.Event()
    with RestliServer(sample_handlers()) as server:
        server.on_raw("/moved", lambda _request: HttpResponse(302, {"Location": "/me"}))
        server.on("/slow/{id}", "get", lambda _invocation: {"in time": not gate.wait(60)})
        tries = iter([HttpResponse(503), HttpResponse(200, {}, b'{"name": "there in the end"}')])
        server.on_raw("/adAccounts/7777", lambda _request: next(tries))
        try:
            yield server
        finally:
            gate.set()


def test_what_they_do_there_is_what_they_do_here(pyodide: Path, tmp_path: Path) -> None:
    programs = {
        "codec": CODEC,
        "clients": CLIENTS,
        "fake": block("fake"),
        "use": block("fetch transport") + block("use"),
        "failures": block("fetch transport") + FAILURES + "\nawait main()\n",
    }
    with serving() as server, cutting() as cut:
        given = {"PROXY": server.base_url, "CLOSED": f"http://127.0.0.1:{closed_port()}", "CUT": cut}
        results = run_in_pyodide(pyodide, tmp_path, programs, given)
        received = [*server.received]
    assert results["python"].startswith("3.14")
    ran = results["ran"]
    assert {name: one["error"] for name, one in ran.items()} == dict.fromkeys(programs)

    assert json.loads(ran["codec"]["out"]) == portable_run.codec()
    here = [portable_run.blocking(), asyncio.run(portable_run.awaited())]
    assert json.loads(ran["clients"]["out"]) == json.loads(json.dumps(here))

    assert ran["fake"]["out"] == "Summer"
    assert ran["use"]["out"] == f"Account 1\n5026\n{[*range(5001, 5011)]}"
    assert ran["failures"]["out"] == FAILED
    assert received[0].raw.startswith(b"GET /adAccounts/5001 HTTP/1.1\r\n")


# -- in a browser ------------------------------------------------------------------------------------------------------

ORIGIN_OF_PAGE: Final = "https://ads.example"  # as the table of headers has it
START: Final = """<!doctype html><title>loading</title><script type="module">
import { loadPyodide } from "/pyodide/pyodide.mjs";
const lines = [];
try {
    const pyodide = await loadPyodide({ stdout: (line) => lines.push(line) });
    const site = pyodide.runPython("import site; site.getsitepackages()[0]");
    pyodide.unpackArchive(await (await fetch("/site.zip")).arrayBuffer(), "zip", { extractDir: site });
    pyodide.globals.set("PROXY", "%s");
    await pyodide.runPythonAsync(await (await fetch("/program.py")).text());
} catch (error) {
    lines.push(String(error.message));
}
window.printed = lines.join("\\n");
document.title = "done";
</script>"""
IN_A_BROWSER: Final = """
from restli_core import ProtocolError

for path in ("/moved", "/adAccounts/1"):
    async with AsyncRestliClient(FetchTransport(), base_url=PROXY, retry=None) as client:
        try:
            await client.get(path)
        except Exception as error:
            print(type(error).__name__)
"""


def cors_headers() -> dict[str, str]:
    """Return the headers that the page says a server must add."""
    rows = re.findall(
        r"^\| `(Access-[\w-]+)` \| .*?`([^`]+)`", section_of(PAGE, "LinkedIn sends no CORS headers"), re.MULTILINE
    )
    # The origin, and the seconds for which a browser need not ask again.
    assert len(rows) == 5
    return dict(rows)


class Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running(handler: type[BaseHTTPRequestHandler]) -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def proxy_to(port: int, origin: list[str]) -> type[Quiet]:
    """Return what sends requests on, and adds the headers of the page to the answers."""

    class Proxy(Quiet):
        def added(self) -> dict[str, str]:
            return {name: value.replace(ORIGIN_OF_PAGE, origin[0]) for name, value in cors_headers().items()}

        def do_OPTIONS(self) -> None:
            self.reply(204, self.added(), b"")

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
            headers = {
                name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}
            }
            connection = HTTPConnection("127.0.0.1", port)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            shown = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
            self.reply(answer.status, {**shown, **self.added()}, answer.read())
            connection.close()

        do_POST = do_GET  # noqa: N815 - http.server's name

    return Proxy


def page_of(files: dict[str, tuple[str, bytes]], pyodide: Path) -> type[Quiet]:
    """Return what serves these files, and Pyodide's."""

    class Page(Quiet):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/pyodide/")
            if name != self.path and name in {file.name for file in pyodide.iterdir()}:
                kind = "application/wasm" if name.endswith("wasm") else "text/javascript"
                self.reply(200, {"Content-Type": kind}, (pyodide / name).read_bytes())
            elif self.path in files:
                kind, body = files[self.path]
                self.reply(200, {"Content-Type": kind}, body)
            else:
                self.reply(404, {}, b"")

    return Page


@pytest.mark.deep
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_transport_in_a_browser(pyodide: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "site.zip")
    program = block("fetch transport") + block("use") + IN_A_BROWSER
    origin: list[str] = []
    files = {
        "/program.py": ("text/plain", program.encode()),
        "/site.zip": ("application/zip", (tmp_path / "site.zip").read_bytes()),
    }
    with (
        serving() as server,
        running(proxy_to(server.port, origin)) as proxy,
        running(page_of(files, pyodide)) as page,
    ):
        origin.append(page)
        files["/"] = ("text/html", (START % proxy).encode())
        with browser(tmp_path / "profile") as chromium:
            chromium.open(page + "/", "done")
            printed = chromium.value_of("window.printed")
    shown = ["Account 1", "5026", str([*range(5001, 5011)])]
    assert printed.split("\n") == [*shown, "ProtocolError", "NotFoundError"]
