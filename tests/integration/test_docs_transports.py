"""docs/transports.md: the transports that it writes pass the suite, and the rest of its Python does what it says."""

from __future__ import annotations

import ast
import asyncio
from typing import Any

import pytest

from restli_transports.testing.compliance import AsyncTransportCompliance, TransportCompliance
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/transports.md")
BLOCKS = programs_in(PAGE)


def defined(part: str) -> dict[str, Any]:
    """Return what the block with this in it defines."""
    (code,) = [block for block in BLOCKS if part in block]
    context: dict[str, Any] = {}
    exec(code, context)
    return context


@pytest.mark.sockets
class TestHttpClient(TransportCompliance):
    # As the page says.
    test_an_early_answer_ends_the_sending: Any = None
    test_what_was_not_sent_is_not_made_up_for_by_the_next_request: Any = None
    test_an_early_answer_over_tls: Any = None

    def transport(self, **options: Any) -> Any:
        return defined("class HttpClientTransport")["HttpClientTransport"](**options)


@pytest.mark.sockets
class TestStreams(AsyncTransportCompliance):
    # Likewise.
    test_an_answer_before_which_the_body_was_not_read: Any = None
    test_an_early_answer_over_tls: Any = None

    def transport(self, **options: Any) -> Any:
        return defined("class StreamsTransport")["StreamsTransport"](**options)


@pytest.mark.parametrize("code", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_each_block_is_python(code: str) -> None:
    compile(code, "transports.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.sockets  # urllib3, which may be imported here first, binds one to see whether there is IPv6
def test_a_session_of_ones_own() -> None:
    context = defined("ProxyManager")
    context |= defined("session.mount")
    context["session"].close()


@pytest.mark.sockets
def test_a_session_of_aiohttp(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = [block for block in BLOCKS if "AiohttpTransport(session)" in block]
    with RestliServer(sample_handlers()) as server:
        running = eval(
            compile(code, "transports.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {"base_url": server.base_url}
        )
        asyncio.run(running)
    assert capsys.readouterr().out == "yrZCpj2Z12\n"


@pytest.mark.sockets
def test_bytes_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = [block for block in BLOCKS if "call.parse(answer)" in block]
    with RestliServer(sample_handlers()) as server:
        exec(code, {"port": server.port})
    assert "'localizedFirstName': 'Ada'" in capsys.readouterr().out
