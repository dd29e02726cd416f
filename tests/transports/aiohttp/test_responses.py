"""Responses: aiohttp's own, made of what was read here."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest import mock

import aiohttp
import h11
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from restli_core import HttpResponse
from restli_transports.aiohttp.responses import ReadResponse

pytestmark = pytest.mark.sockets  # an event loop has one

URL_ = URL("http://h.test/a%2e", encoded=True)


def made(answer: HttpResponse) -> ReadResponse:
    info = aiohttp.RequestInfo(URL_, "GET", CIMultiDictProxy(CIMultiDict()), URL_)
    request = mock.Mock(method="GET", original_url=URL_, request_info=info, session=None)
    return ReadResponse(request, answer, 5)


def read(answer: HttpResponse) -> list[Any]:
    async def main() -> list[Any]:
        response = made(answer)
        assert await response.start(None) is response
        assert response.answer == answer
        assert response.answer.native is response
        return [response.status, response.reason, response.version, await response.read(), await response.text()]

    return asyncio.run(main())


def test_it_says_what_was_read() -> None:
    event = h11.Response(status_code=404, headers=[], reason=b"Not \xe9", http_version=b"1.0")
    answer = HttpResponse(404, [("X-A", "1"), ("x-a", "2"), ("Set-Cookie", "b=c")], b"{}", "http://h.test/", event)
    assert read(answer) == [404, "Not é", aiohttp.HttpVersion(1, 0), b"{}", "{}"]


def test_fields_are_kept_as_they_are() -> None:
    async def main() -> None:
        response = made(
            HttpResponse(200, [("X-A", "1"), ("x-a", "\xe9"), ("Set-Cookie", "b=c")], b"", "http://h.test/")
        )
        assert response.headers.getall("X-A") == ["1", "\xe9"]
        assert response.raw_headers == ((b"X-A", b"1"), (b"x-a", b"\xe9"), (b"Set-Cookie", b"b=c"))
        assert response.cookies["b"].value == "c"
        assert response.url == URL_

    asyncio.run(main())
