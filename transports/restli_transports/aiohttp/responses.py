"""Responses: aiohttp's own ClientResponse, made of an answer that was read here: whole, decoded, and released."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Final, NamedTuple

from aiohttp import ClientRequest, ClientResponse, HttpVersion
from aiohttp.helpers import TimerNoop
from multidict import CIMultiDict, CIMultiDictProxy

from restli_core.messages import HttpResponse

__all__ = ["ReadResponse"]


class _Written(NamedTuple):
    """What stands for aiohttp's writer of a request, of which a response asks one thing."""

    output_size: int


# aiohttp wants it since 3.14.
_WANTS_WRITER: Final = "stream_writer" in inspect.signature(ClientResponse.__init__).parameters


class ReadResponse(ClientResponse):
    """A response that was read already.

    Args:
        request: aiohttp's request.
        answer: what was read.
        output_size: how many bytes the request had.

    Attributes:
        answer: the same, with this response as its `native`.
    """

    answer: HttpResponse

    def __init__(self, request: ClientRequest, answer: HttpResponse, output_size: int) -> None:
        more: dict[str, Any] = {"stream_writer": _Written(output_size)} if _WANTS_WRITER else {}
        super().__init__(
            request.method,
            request.original_url,
            writer=None,
            continue100=None,
            timer=TimerNoop(),
            request_info=request.request_info,
            traces=[],
            loop=asyncio.get_running_loop(),
            session=request.session,
            **more,
        )
        self._read = answer
        self.status = answer.status_code
        # There is no public way to these, which `start` sets.
        fields = answer.headers.raw
        self._headers = CIMultiDictProxy(CIMultiDict(fields))
        self._raw_headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in fields)
        self._raw_cookie_headers = tuple(value for name, value in fields if name.lower() == "set-cookie")
        self._body = answer.body
        self.answer = HttpResponse(answer.status_code, answer.headers, answer.body, answer.url, native=self)

    @property
    def reason(self) -> str:  # type: ignore[override] # what few ask for is looked up when they do
        reason: bytes = self._read.native.reason
        return reason.decode("latin-1")

    @property
    def version(self) -> HttpVersion:  # type: ignore[override] # likewise
        major, _, minor = self._read.native.http_version.decode("ascii").partition(".")
        return HttpVersion(int(major), int(minor))

    async def start(self, connection: Any) -> ReadResponse:
        """Do nothing: all is read, and the connection may be another call's by now."""
        del connection
        return self
