"""With one extra installed and nothing else, its transports work, and each other one names the extra that it lacks.

python -I .ci/single_extra.py httpx         checks it
python .ci/single_extra.py                  prints each extra, and what the demo calls its transports
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restli_transports import AsyncRestliClient

# extra -> its module, its transports, and the libraries that come with it
EXTRAS = {
    "urllib3": ("urllib3", ("Urllib3Transport",), {"urllib3"}),
    "requests": ("requests", ("RequestsTransport",), {"requests", "urllib3"}),
    "httpx": ("httpx", ("HttpxTransport", "HttpxAsyncTransport"), {"httpx", "h11", "anyio"}),
    "httpx2": ("httpx", ("HttpxTransport", "HttpxAsyncTransport"), {"httpx2", "h11", "anyio"}),
    "h11": ("h11", ("H11Transport", "H11AsyncTransport"), {"h11", "anyio"}),
    "aiohttp": ("aiohttp", ("AiohttpTransport",), {"aiohttp", "h11", "anyio"}),
}
LIBRARIES = {"urllib3", "requests", "httpx", "httpx2", "h11", "anyio", "aiohttp"}
AWAITED = {"HttpxAsyncTransport", "H11AsyncTransport", "AiohttpTransport"}


class Me(BaseHTTPRequestHandler):
    """Answers with an entity."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"id": "x"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


async def id_of(client: AsyncRestliClient) -> str:
    async with client:
        return str((await client.get("/me")).entity["id"])


def check_works(extra: str, base_url: str) -> None:
    from restli_transports import AsyncRestliClient, RestliClient  # noqa: PLC0415 - not there to list the extras

    module, names, _ = EXTRAS[extra]
    for name in names:
        transport = getattr(import_module(f"restli_transports.{module}"), name)()
        if name in AWAITED:
            assert asyncio.run(id_of(AsyncRestliClient(transport, base_url=base_url))) == "x"
        else:
            with RestliClient(transport, base_url=base_url) as client:
                assert client.get("/me").entity == {"id": "x"}
        print(f"{extra}: {name} works")


def check_missing(extra: str, libraries: set[str]) -> None:
    module = EXTRAS[extra][0]
    if any(needed <= libraries for name, _, needed in EXTRAS.values() if name == module):
        return
    try:
        import_module(f"restli_transports.{module}")
    except ImportError as error:
        assert f"restli-core[{extra}]" in str(error), error
        print(f"{extra}: {error}")
    else:
        raise AssertionError(extra)


def main(extra: str) -> None:
    present = {library for library in LIBRARIES if importlib.util.find_spec(library)}
    assert present == EXTRAS[extra][2], present
    server = ThreadingHTTPServer(("127.0.0.1", 0), Me)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    check_works(extra, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()
    for other in EXTRAS:
        check_missing(other, present)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        for listed, (library, transports, _) in EXTRAS.items():
            print(listed, *(f"{library}-async" if "Async" in name else library for name in transports))
