"""One HTTP/1.1 connection of the embedded server: request after request, each with its answer or its fault.

    _receive    bytes -> HttpRequest; the bytes are kept in the log
    _answer     HttpRequest -> its answer: the authorization server's or a handler's
    _send       HttpResponse -> bytes, dripping or cut short as the fault says
    _refuse     for what is not a request: 400, 413 (body too long), 431 (head too long), 505 (not HTTP/1)

HTTP itself is left to h11 (the extra ``h11``, or ``testing``).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.client import responses
from typing import TYPE_CHECKING, Final

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports.testing.faults import NO_FAULT, Fault
from restli_transports.testing.journal import Journal, JournalEntry
from restli_transports.testing.numbers import Numbers
from restli_transports.testing.received import ReceivedLog, shortened

try:
    import h11
except ImportError as _error:
    raise ImportError('the embedded server needs h11: pip install "restli-core[h11]"', name="h11") from _error

if TYPE_CHECKING:
    import ssl
    import threading

    from restli_transports.testing.authorization import TokenCheck
    from restli_transports.testing.faults import Faults
    from restli_transports.testing.handlers import Handlers
    from restli_transports.testing.rules import Rules

__all__ = ["HttpConnection", "Service", "response_head"]

CHUNK_SIZE: Final = 65536  # bytes asked for at once


@dataclass(slots=True)
class Service:
    """What the connections of a server share.

    Attributes:
        handlers: the handlers that answer.
        token_check: which requests reach them.
        rules: likewise, by their version and number.
        schedule: which requests get which fault; None for none.
        base_path: what stands before the resources in every path.
        ssl_context: to speak TLS; None for plain HTTP.
        max_head: how many bytes of head are taken.
        max_body: how many bytes of body are taken.
        max_kept: how many bytes of each body are kept afterwards; None for all.
        faults: what the next requests get, before the schedule has its turn.
        numbers: the numbers of the requests, for the schedule.
        received: the requests that came in.
        journal: what became of them.
        errors: what went wrong on this side: requests without a handler, what handlers raised, bugs of our own.
    """

    handlers: Handlers
    token_check: TokenCheck
    rules: Rules
    schedule: Faults | None
    base_path: str
    ssl_context: ssl.SSLContext | None
    max_head: int
    max_body: int
    max_kept: int | None = None
    faults: deque[Fault] = field(default_factory=deque)
    numbers: Iterator[int] = field(default_factory=lambda: Numbers(1))
    received: ReceivedLog = field(default_factory=ReceivedLog)
    journal: Journal = field(default_factory=Journal)
    errors: list[BaseException] = field(default_factory=list)


class HttpConnection:
    """One connection.

    Args:
        service: what it shares with others.
        stopping: set when the server stops, which ends all waits.
        accepted: its socket, which it closes.
        number: its number.
    """

    def __init__(self, service: Service, stopping: threading.Event, accepted: socket.socket, number: int) -> None:
        self._service = service
        self._stopping = stopping
        self._socket = accepted
        self._number = number
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=service.max_head)
        self._came = bytearray()  # what has come in since the end of the last request
        self._method = b""  # of the request at hand: an answer to HEAD has no body
        self._is_ambiguous = False  # whether it has both a length and a transfer coding

    def run(self) -> None:
        """Serve until one of the two ends closes."""
        try:
            with contextlib.suppress(OSError):  # the client has gone, or the server stops
                self._socket.setblocking(True)
                # Head and body of a dripping answer are small pieces, none of which is to wait for the one before.
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._service.ssl_context is not None:
                    # The handshake comes later: only a socket that is stored here can be disconnected during it.
                    secured = self._service.ssl_context.wrap_socket(
                        self._socket, server_side=True, do_handshake_on_connect=False
                    )
                    self._socket = secured
                    if not self._stopping.is_set():
                        secured.do_handshake()
                open_still = True
                while open_still and not self._stopping.is_set():
                    open_still = self._serve()
        finally:
            self._socket.close()

    def disconnect(self) -> None:
        """End whatever the connection waits for."""
        with contextlib.suppress(OSError):
            # Not the method of an SSLSocket, which would drop the TLS state that another thread reads with.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _serve(self) -> bool:
        """Serve one request; return whether there may be more."""
        try:
            request = self._receive()
        except h11.RemoteProtocolError as error:
            self._keep(self._came, None)
            self._refuse(error.error_status_hint, str(error))
            return False
        if request is None:
            return False
        fault = self._fault(request)
        if fault.reset:
            # With a time to linger of 0 a close sends RST and no FIN.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        answer = fault.response
        is_true = answer is None and not fault.is_silent and fault.raw is None
        executed = None
        if is_true or fault.runs:
            true_answer, is_executed = self._answer(request)
            executed = true_answer if is_executed else None
            answer = true_answer if is_true else answer
        answered = None if fault.loses_answer else answer
        # Before anything of it is sent: who has the answer finds it there.
        kept = shortened(request, self._service.max_kept)
        self._service.journal.add(JournalEntry(kept, fault.kind, executed, answered))
        self._wait(fault.delay)
        if answer is not None:
            stays_open = self._send(answer, fault)
            if self._is_ambiguous and fault == NO_FAULT:
                self._read_on()
            return stays_open
        if fault.raw is not None:
            self._drip(fault.raw, fault.drip)
        return False

    def _fault(self, request: HttpRequest) -> Fault:
        """Return what is done to a request."""
        with contextlib.suppress(IndexError):  # not asked before whether there is one: another connection may take it
            return self._service.faults.popleft()
        try:
            route = self._service.handlers.route(request)
            if route is not None:
                return route.next_fault(request)
        except Exception as error:  # noqa: BLE001 - of a function that its user gave
            error.add_note(f"The function of faults was asked about {request.line}")
            self._service.errors.append(error)
            return NO_FAULT
        schedule = self._service.schedule
        return NO_FAULT if schedule is None else schedule.fault(next(self._service.numbers))

    def _answer(self, request: HttpRequest) -> tuple[HttpResponse, bool]:
        """Return the answer to a request, and whether a handler gave it."""
        service = self._service
        if service.handlers.route(request) is not None:  # it is not Rest.li's, and so are not its rules
            return service.handlers.answer(request, errors=service.errors), True
        who = "authorization server"
        try:
            # Both answer what they refuse, and give None for what may pass.
            refused = service.token_check.answer(request)
            if refused is None:
                who = "function of a limit"
                refused = service.rules.answer(request, service.base_path)
        except Exception as error:  # noqa: BLE001 - such as one of the clock that its user gave it
            error.add_note(f"The {who} was answering {request.line}")
            service.errors.append(error)
            return _plain(500, f"The {who} failed: {type(error).__name__}"), False
        if refused is not None:
            return refused, False
        return service.handlers.answer(request, base_path=service.base_path, errors=service.errors), True

    def _receive(self) -> HttpRequest | None:
        """Return the next request; None where the client has closed before it.

        Raises:
            h11.RemoteProtocolError: what came is not one, or is too long.
        """
        head: h11.Request | None = None
        body = bytearray()
        length = 0
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._socket.sendall(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                came = self._socket.recv(CHUNK_SIZE)
                self._came += came
                self._http.receive_data(came)
            elif isinstance(event, h11.Request):
                head = event
                self._method = event.method
                if event.http_version not in {b"1.0", b"1.1"}:
                    raise h11.RemoteProtocolError("only HTTP/1.0 and 1.1 are spoken here", error_status_hint=505)
                # The length that it names, so that a body that is too long is refused below before the client sends it.
                fields = dict(event.headers)
                length = int(fields.get(b"content-length", b"0"))
                # RFC 9112 section 6.1: it may be an attempt to smuggle a request, so nothing more is read as one.
                self._is_ambiguous = fields.keys() >= {b"content-length", b"transfer-encoding"}
            elif isinstance(event, h11.Data):
                body += event.data
                length = len(body)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return self._take(head, bytes(body))
            elif isinstance(event, h11.ConnectionClosed):
                return None
            if length > self._service.max_body:
                raise h11.RemoteProtocolError("the body is too long", error_status_hint=413)

    def _take(self, head: h11.Request, body: bytes) -> HttpRequest:
        """Keep the request that has ended in the log, and return it."""
        # The bytes that came after it belong to the next request.
        following, _ = self._http.trailing_data
        raw = self._came[: len(self._came) - len(following)]
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()]
        try:
            request = HttpRequest(head.method.decode("latin-1"), head.target.decode("latin-1"), fields, body)
        except InvalidCallError as error:
            self._came = raw  # which `_serve` puts into the log
            raise h11.RemoteProtocolError(str(error), error_status_hint=400) from None
        self._keep(raw, request)
        self._came = bytearray(following)
        return request

    def _keep(self, raw: bytearray, request: HttpRequest | None) -> None:
        """Put what has come in into the log, with no more of the body than is to be kept."""
        max_kept = self._service.max_kept
        kept = None if request is None else shortened(request, max_kept)
        self._service.received.add(bytes(raw), kept, self._number, max_kept)

    def _send(self, answer: HttpResponse, fault: Fault = NO_FAULT) -> bool:
        """Send an answer; return whether the connection stays open."""
        try:
            head = response_head(answer, closes=self._is_ambiguous)
        except InvalidCallError as error:
            self._service.errors.append(error)
            answer = _plain(500, f"The answer of the handler {error.reason}")
            head = response_head(answer)
        events: list[h11.Event] = [h11.EndOfMessage()]
        # RFC 9110 section 6.4.1: these have none, whatever Content-Length says.
        if self._method != b"HEAD" and answer.status_code not in {204, 304}:
            events.insert(0, h11.Data(data=answer.body))
        start = self._http.send(head) or b""
        body = b"".join(self._http.send(event) or b"" for event in events)
        if fault.cut is not None:
            self._socket.sendall((start + body)[: int(len(start + body) * fault.cut)])
            return False
        if fault.drip:
            self._socket.sendall(start)
            self._drip(body[: fault.truncate], fault.drip)
        else:
            self._socket.sendall(start + body[: fault.truncate])
        if fault.truncate is not None or {self._http.our_state, self._http.their_state} != {h11.DONE}:
            return False
        self._http.start_next_cycle()
        return True

    def _drip(self, data: bytes, seconds: float) -> None:
        """Send the bytes one by one, with a pause before each; all at once if the pause is 0."""
        for piece in [data[i : i + 1] for i in range(len(data))] if seconds else [data]:
            self._wait(seconds)
            self._socket.sendall(piece)

    def _wait(self, seconds: float) -> None:
        if seconds and self._stopping.wait(seconds):
            raise ConnectionAbortedError("the server stops")

    def _refuse(self, status: int, reason: str) -> None:
        """Answer what is not a request, and end the connection."""
        self._send(_plain(status, reason))
        self._read_on()

    def _read_on(self) -> None:
        """Close our side, and read on for a while.

        A connection that is closed with bytes unread is reset, and the answer lost with it (RFC 9112 section 9.6).
        """
        self._socket.shutdown(socket.SHUT_WR)
        # No longer than 2 seconds in all, nor than half a second of silence, which `run` takes for the client's end: a
        # client may never close.
        self._socket.settimeout(0.5)
        end = time.monotonic() + 2
        while time.monotonic() < end and self._socket.recv(CHUNK_SIZE):
            pass


def _plain(status: int, reason: str) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "text/plain", "Connection": "close"}, reason.encode())


def response_head(answer: HttpResponse, *, closes: bool = False) -> h11.Response:
    """Return the head of an answer; what HTTP needs and it does not have is added (RFC 9110 sections 6.6.1 and 8.6).

    Args:
        answer: the answer.
        closes: whether the connection is closed after it, so that the head says it.

    Raises:
        InvalidCallError: it has what no head can have.
    """
    fields = [*answer.headers.without("Content-Length", "Transfer-Encoding").raw]
    if closes:
        fields = [(name, value) for name, value in fields if name.lower() != "connection"] + [("Connection", "close")]
    if "Date" not in answer.headers:
        fields.append(("Date", formatdate(usegmt=True)))
    if answer.status_code not in {204, 304}:
        fields.append(("Content-Length", str(len(answer.body))))
    try:
        coded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        reason = responses.get(answer.status_code, "").encode("ascii")
        return h11.Response(status_code=answer.status_code, headers=coded, reason=reason)
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise InvalidCallError("status", f"is not HTTP, or its headers are not: {error}") from None
