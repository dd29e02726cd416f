"""The embedded Rest.li server: handlers behind HTTP/1.1 on loopback, for tests and for trying things out.

    with RestliServer() as server:
        server.collection("/adAccounts/{id:long}", {5: {"name": "Summer"}})
        client = RestliClient(base_url=server.base_url)
        client.get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"]     # "Summer"

        server.fail_next(status=503, headers={"Retry-After": "1"})             # what the next request gets
        server.received[-1].raw                                                # the last one, byte for byte

With ``authorization=AuthorizationServer()`` it also serves OAuth, under ``/oauth/``, beside the resources: see
`restli_transports.testing.authorization`.

``python -m restli_transports.testing.server --port 8080`` serves a small sample until Ctrl-C.

It is made to be tested against, not to face the internet: it keeps all that it receives. Each connection has a thread
of its own; HTTP itself is left to h11 (the extra ``h11``, or ``testing``).
"""

from __future__ import annotations

import argparse
import contextlib
import re
import selectors
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Final, Self

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.authorization import AuthorizationServer, TokenCheck
from restli_transports.testing.handlers import Handlers, HasHandlers
from restli_transports.testing.sample import sample_handlers

try:
    import h11
except ImportError as _error:
    raise ImportError("the embedded server needs h11: pip install 'restli-core[h11]'", name="h11") from _error

if TYPE_CHECKING:
    import ssl


__all__ = ["Received", "RestliServer"]


@dataclass(frozen=True, slots=True, repr=False)
class Received:
    """A request as it came in.

    Attributes:
        raw: all its bytes, exactly as they came.
        head: those up to the empty line, which belongs to it.
        body: those behind it; of a chunked body with the lines of its chunks.
        request: the request that they are, its URL just the target, its body without the lines of chunks; None where
            they are no HTTP, or not all of a request.
        connection: the number of the connection that brought it, from 1.
    """

    raw: bytes
    head: bytes
    body: bytes
    request: HttpRequest | None
    connection: int

    def __repr__(self) -> str:
        shown = "no request" if self.request is None else self.request.line
        return f"<Received {shown}, {len(self.raw)} bytes on connection {self.connection}>"


class RestliServer(HasHandlers):
    """A Rest.li server on loopback, running while it is a context.

    Args:
        handlers: handlers made elsewhere; new ones by default.
        host: the address to listen on.
        port: the port; 0 for a free one.
        base_path: what stands before the resources in every path, such as ``/rest``.
        ssl_context: to speak TLS.
        max_head: how many bytes of head are taken; a longer one gets 431.
        max_body: how many bytes of body are taken; a longer one gets 413.
        authorization: an authorization server to serve beside the resources, at `auth_base_url`; None for none.
        requires_token: whether the resources want an access token of that server's, and refuse others with 401.

    Raises:
        InvalidCallError: the base path does not begin with ``/``; or tokens are required, and nobody gives any.
    """

    def __init__(
        self,
        handlers: Handlers | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        base_path: str = "",
        ssl_context: ssl.SSLContext | None = None,
        max_head: int = 1 << 16,
        max_body: int = 1 << 26,
        authorization: AuthorizationServer | None = None,
        requires_token: bool = False,
    ) -> None:
        if base_path and not base_path.startswith("/"):
            raise InvalidCallError("base_path", "must begin with /")
        used = Handlers() if handlers is None else handlers
        guard = TokenCheck(authorization, requires_token)
        self._service = _Service(used, guard, base_path.rstrip("/"), ssl_context, max_head=max_head, max_body=max_body)
        self._address = (host, port)
        self._listener: _Listener | None = None

    @property
    def handlers(self) -> Handlers:
        """The handlers that answer."""
        return self._service.handlers

    def start(self) -> Self:
        """Listens, and answers in the background.

        Raises:
            OSError: the address cannot be had.
            RuntimeError: it runs already.
        """
        if self._listener is not None:
            raise RuntimeError("the server runs already")
        self._listener = _Listener(self._service, self._address)
        return self

    def stop(self) -> None:
        """Closes all connections, and waits for the threads that serve them."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    def disconnect(self) -> None:
        """Closes the connections that are open, as servers do with those that are idle for too long."""
        if self._listener is not None:
            self._listener.disconnect()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port that it listens on; a RuntimeError where it does not run."""
        if self._listener is None:
            raise RuntimeError("the server does not run: enter it, or start it")
        return self._listener.port

    @property
    def base_url(self) -> str:
        """What stands before the paths of the resources, for a client: scheme, host, port and base path."""
        return self._origin + self._service.base_path

    @property
    def auth_base_url(self) -> str:
        """What stands before the paths of OAuth, for the calls of `restli_core.oauth`."""
        return f"{self._origin}/oauth/v2"

    @property
    def authorization(self) -> AuthorizationServer | None:
        """The authorization server beside the resources; None for none."""
        return self._service.guard.authorization

    @property
    def _origin(self) -> str:
        scheme = "http" if self._service.ssl_context is None else "https"
        host = f"[{self._address[0]}]" if ":" in self._address[0] else self._address[0]
        return f"{scheme}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"<RestliServer {'that does not run' if self._listener is None else self.base_url}>"

    def fail_next(
        self,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        delay: float = 0,
        truncate: int | None = None,
        close: bool = False,
        reset: bool = False,
        drip: float = 0,
        raw: bytes | None = None,
        times: int = 1,
    ) -> None:
        """Plans what the next request gets; later plans come after earlier ones.

        Without a status, the request gets its true answer, but late, cut short or slowly.

        Args:
            status: the status of an answer that no handler gives.
            headers: its header fields; Content-Length always follows from the body.
            body: its body.
            delay: seconds to wait before the answer.
            truncate: after how many bytes of the body the connection is closed; Content-Length tells of all.
            close: whether the connection is closed without an answer.
            reset: whether the connection ends in a TCP reset: without an answer, or behind `truncate` or `raw`.
            drip: seconds before each byte of the body, or of `raw`.
            raw: bytes to send in place of HTTP, before the connection is closed.
            times: how many requests it is for.

        Raises:
            InvalidCallError: status and headers are no HTTP, or something of an answer is given without a status.
        """
        if status is None and (headers or body):
            raise InvalidCallError("status", "is needed for an answer of its own")
        response = None if status is None else HttpResponse(status, headers or {}, body)
        if response is not None:
            _head(response)  # refuses what no head can have
        self._service.faults.extend([_Fault(response, delay, truncate, close, reset, drip, raw)] * times)

    @property
    def received(self) -> list[Received]:
        """The requests that have come in, in their order."""
        return self._service.wait_for(0, 0)

    def wait_for(self, number: int, *, timeout: float = 5.0) -> list[Received]:
        """The requests that have come in, once there are so many.

        Args:
            number: how many.
            timeout: seconds.

        Raises:
            TimeoutError: there are fewer by then.
        """
        return self._service.wait_for(number, timeout)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What a request gets in place of its answer, or what is done to its answer."""

    response: HttpResponse | None = None
    delay: float = 0
    truncate: int | None = None
    close: bool = False
    reset: bool = False
    drip: float = 0
    raw: bytes | None = None

    @property
    def is_silent(self) -> bool:
        """Whether there is no answer at all."""
        return self.close or (self.reset and self.truncate is None and self.raw is None)


_NO_FAULT: Final = _Fault()


class _Service:
    """What all connections share."""

    def __init__(
        self,
        handlers: Handlers,
        guard: TokenCheck,
        base_path: str,
        ssl_context: ssl.SSLContext | None,
        *,
        max_head: int,
        max_body: int,
    ) -> None:
        self.handlers = handlers
        self.guard = guard
        self.base_path = base_path
        self.ssl_context = ssl_context
        self.max_head = max_head
        self.max_body = max_body
        self.faults: deque[_Fault] = deque()
        self.numbers = count(1)
        self._received: list[Received] = []
        self._came_in = threading.Condition()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer of the authorization server or of a handler."""
        return self.guard.answer(request) or self.handlers.answer(request, base_path=self.base_path)

    def next_fault(self) -> _Fault:
        """The fault that is planned for the request at hand."""
        try:
            return self.faults.popleft()
        except IndexError:
            return _NO_FAULT

    def record(self, raw: bytes, request: HttpRequest | None, connection: int) -> None:
        """Keeps a request."""
        end = _END_OF_HEAD.search(raw)
        length = len(raw) if end is None else end.end()
        with self._came_in:
            self._received.append(Received(raw, raw[:length], raw[length:], request, connection))
            self._came_in.notify_all()

    def wait_for(self, number: int, timeout: float) -> list[Received]:
        """The requests, once there are so many."""
        with self._came_in:
            if not self._came_in.wait_for(lambda: len(self._received) >= number, timeout):
                raise TimeoutError(f"{len(self._received)} requests have come in within {timeout:g} s, not {number}")
            return [*self._received]


_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")


class _Listener:
    """Takes connections, and has each served in a thread of its own, until it is stopped."""

    def __init__(self, service: _Service, address: tuple[str, int]) -> None:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._service = service
        self._socket = socket.create_server(address, family=family)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._woken, self._waking = socket.socketpair()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[_Connection, threading.Thread] = {}
        self._thread = threading.Thread(target=self._accept, name=f"RestliServer {self.port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends all of it; returns when all threads have ended."""
        self._stopping.set()
        self._waking.close()
        self._thread.join()
        for thread in self.disconnect():
            thread.join()

    def disconnect(self) -> list[threading.Thread]:
        """Ends the connections that are open; the threads that serve them."""
        with self._lock:
            connections = {**self._open}
        for connection in connections:
            connection.disconnect()
        return [*connections.values()]

    def _accept(self) -> None:
        with self._socket, self._woken, selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                selector.select()
                with contextlib.suppress(OSError):  # none has come, or it has gone again
                    self._start(self._socket.accept()[0])

    def _start(self, accepted: socket.socket) -> None:
        number = next(self._service.numbers)
        connection = _Connection(self._service, self._stopping, accepted, number)
        thread = threading.Thread(target=self._serve, args=[connection], name=f"RestliServer {number}", daemon=True)
        with self._lock:
            self._open[connection] = thread
        thread.start()

    def _serve(self, connection: _Connection) -> None:
        try:
            connection.run()
        finally:
            with self._lock:
                del self._open[connection]


class _Connection:
    """One connection: request after request, each with its answer."""

    def __init__(self, service: _Service, stopping: threading.Event, accepted: socket.socket, number: int) -> None:
        self._service = service
        self._stopping = stopping
        self._socket = accepted
        self._number = number
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=service.max_head)
        self._came = bytearray()  # what has come in since the end of the last request
        self._method = ""

    def run(self) -> None:
        """Serves until one of the two ends closes."""
        try:
            with contextlib.suppress(OSError):  # the client has gone, or the server stops
                self._open()
                while not self._stopping.is_set() and self._exchange():
                    pass
        finally:
            self._socket.close()

    def disconnect(self) -> None:
        """Ends whatever the connection waits for."""
        with contextlib.suppress(OSError):
            # Not the method of an SSLSocket, which would take its state from under the thread that reads.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _open(self) -> None:
        self._socket.setblocking(True)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = self._service.ssl_context
        if context is not None:
            secured = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket = secured
            if not self._stopping.is_set():
                secured.do_handshake()

    def _exchange(self) -> bool:
        """One request and its answer; whether there may be more."""
        try:
            received = self._receive()
        except h11.RemoteProtocolError as error:
            self._service.record(bytes(self._came), None, self._number)
            self._refuse(error.error_status_hint, str(error))
            return False
        return received is not None and self._answer(*received)

    # -- receiving -------------------------------------------------------------------------------------------------

    def _receive(self) -> tuple[h11.Request, bytes] | None:
        """The next request with its body; None where the client has closed before it."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._next_event()
            if isinstance(event, h11.Request):
                head = event
                self._method = event.method.decode("ascii")
                if event.http_version not in {b"1.0", b"1.1"}:
                    raise h11.RemoteProtocolError("only HTTP/1.0 and 1.1 are spoken here", error_status_hint=505)
                self._check_length(int(dict(event.headers).get(b"content-length", b"0")))
            elif isinstance(event, h11.Data):
                body += event.data
                self._check_length(len(body))
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return head, bytes(body)
            elif isinstance(event, h11.ConnectionClosed):
                return None

    def _next_event(self) -> object:
        event = self._http.next_event()
        if event is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._socket.sendall(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            came = self._socket.recv(_CHUNK)
            self._came += came
            self._http.receive_data(came)
        return event

    def _check_length(self, length: int) -> None:
        if length > self._service.max_body:
            raise h11.RemoteProtocolError("the body is too long", error_status_hint=413)

    def _taken(self) -> bytes:
        """The bytes of the request that has ended; what came behind them belongs to the next one."""
        rest, _ = self._http.trailing_data
        raw = bytes(self._came[: len(self._came) - len(rest)])
        self._came = bytearray(rest)
        return raw

    # -- answering -------------------------------------------------------------------------------------------------

    def _answer(self, head: h11.Request, body: bytes) -> bool:
        raw = self._taken()
        try:
            request = _request(head, body)
        except InvalidCallError as error:
            self._service.record(raw, None, self._number)
            self._refuse(400, str(error))
            return False
        self._service.record(raw, request, self._number)
        return self._respond(request, self._service.next_fault())

    def _respond(self, request: HttpRequest, fault: _Fault) -> bool:
        if fault.reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        answer = None
        if not fault.is_silent and fault.raw is None:
            answer = fault.response or self._service.answer(request)
        self._wait(fault.delay)
        if fault.raw is not None:
            self._drip(fault.raw, fault.drip)
        return answer is not None and self._send(answer, fault)

    def _send(self, answer: HttpResponse, fault: _Fault = _NO_FAULT) -> bool:
        head, body = self._bytes(answer)
        if fault.drip:
            self._socket.sendall(head)
            self._drip(body[: fault.truncate], fault.drip)
        else:
            self._socket.sendall(head + body[: fault.truncate])
        if fault.truncate is not None or {self._http.our_state, self._http.their_state} != {h11.DONE}:
            return False
        self._http.start_next_cycle()
        return True

    def _bytes(self, answer: HttpResponse) -> tuple[bytes, bytes]:
        """The head and the body of an answer, as they go out."""
        try:
            head = _head(answer)
        except InvalidCallError as error:
            return self._bytes(_plain(500, f"The answer of the handler {error.reason}"))
        # RFC 9110 section 6.4.1
        bodiless = self._method == "HEAD" or answer.status_code in _WITHOUT_BODY
        events = [h11.EndOfMessage()] if bodiless else [h11.Data(data=answer.body), h11.EndOfMessage()]
        return self._http.send(head) or b"", b"".join(self._http.send(event) or b"" for event in events)

    def _drip(self, data: bytes, seconds: float) -> None:
        """Sends the bytes one by one, with a pause before each; all at once if it is none."""
        for piece in [data[i : i + 1] for i in range(len(data))] if seconds else [data]:
            self._wait(seconds)
            self._socket.sendall(piece)

    def _wait(self, seconds: float) -> None:
        if seconds and self._stopping.wait(seconds):
            raise ConnectionAbortedError("the server stops")

    def _refuse(self, status: int, reason: str) -> None:
        """Answers what is no request, and reads on for a while.

        A connection that is closed with bytes unread is reset, and the answer lost with it (RFC 9112 section 9.6).
        """
        self._send(_plain(status, reason))
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(_LONGEST_SILENCE)
        end = time.monotonic() + _LONGEST_LINGERING
        while time.monotonic() < end and self._socket.recv(_CHUNK):
            pass


_CHUNK: Final = 65536
_LONGEST_SILENCE: Final = 0.5
_LONGEST_LINGERING: Final = 2.0


def _request(head: h11.Request, body: bytes) -> HttpRequest:
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()]
    return HttpRequest(head.method.decode("latin-1"), head.target.decode("latin-1"), fields, body)


def _plain(status: int, reason: str) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "text/plain", "Connection": "close"}, reason.encode())


_WITHOUT_BODY: Final = frozenset({204, 304})


def _head(answer: HttpResponse) -> h11.Response:
    """The head of an answer; what HTTP needs and it lacks is added (RFC 9110 sections 6.6.1 and 8.6).

    Raises:
        InvalidCallError: it has what no head can have.
    """
    fields = [*answer.headers.without("Content-Length", "Transfer-Encoding").raw]
    if "Date" not in answer.headers:
        fields.append(("Date", formatdate(usegmt=True)))
    if answer.status_code not in _WITHOUT_BODY:
        fields.append(("Content-Length", str(len(answer.body))))
    try:
        coded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        return h11.Response(status_code=answer.status_code, headers=coded, reason=_reason(answer.status_code))
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise InvalidCallError("status", f"is no HTTP, or its headers are none: {error}") from None


def _reason(status: int) -> bytes:
    known = HTTPStatus._value2member_map_.get(status)
    return known.phrase.encode("ascii") if isinstance(known, HTTPStatus) else b""


# -- the command line --------------------------------------------------------------------------------------------------


_EXAMPLES: Final = r"""
A Rest.li server at {base_url} until Ctrl-C. Try:

  curl -H 'X-RestLi-Protocol-Version: 2.0.0' '{base_url}/me'
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' '{base_url}/adAccounts/5001?fields=id,name'
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' '{base_url}/adAccounts?ids=List(5001,5002)'
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' '{base_url}/adAccounts?q=search&search=(status:(values:List(DRAFT)))'
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' '{base_url}/adCampaigns?bq=searchCriteria&criteria=List((status:PAUSED))'
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' -d '{"patch": {"$set": {"name": "Summer"}}}' '{base_url}/adAccounts/5001'
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' -X DELETE '{base_url}/adAccounts/5001'

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves the sample until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m restli_transports.testing.server", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="the port, 0 for a free one (%(default)s)")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        try:
            made = RestliServer(sample_handlers(), host=options.host, port=options.port, base_path="/rest")
            server = stack.enter_context(made)
        except OSError as error:
            parser.exit(1, f"Cannot listen on port {options.port} of {options.host}: {error.strerror}\n")
        sys.stdout.write(_EXAMPLES.lstrip().replace("{base_url}", server.base_url))
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
