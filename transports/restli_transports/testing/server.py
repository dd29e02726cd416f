"""The embedded Rest.li server: handlers over HTTP/1.1 on loopback, for tests and for trying things out.

    with RestliServer() as server:
        server.collection("/adAccounts/{id:long}", {5: {"name": "Summer"}})
        client = RestliClient(base_url=server.base_url)
        client.get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"]     # "Summer"

        server.fail_next(status=503, headers={"Retry-After": "1"})             # what the next request gets
        server.received[-1].raw                                                # the last one, byte for byte
        server.journal[-1].executed                                            # what its handler answered, sent or not

A request that no handler is registered for is answered with 404 or 400, and an exception in a handler with 500, as
servers do. But these are faults of the test: `RestliServer.errors` has them, and leaving the ``with`` block raises
them.

It keeps LinkedIn's rules where it is told them, and fails by a schedule:

    RestliServer(limits=[Limit(150, "day", each="member")], versions=["202609"], faults=Faults(seed=1, rate=0.2))

With ``authorization=AuthorizationServer()`` it also serves OAuth, under ``/oauth/``, beside the resources: see
`restli_transports.testing.authorization`.

``python -m restli_transports.testing.server --port 8080`` serves a small sample until Ctrl-C.

It is made to be tested against, not to face the internet: it keeps all that it receives, unless `max_kept` says less.
A thread takes the connections, and each has a thread of its own (`http_connection`).
"""

from __future__ import annotations

import argparse
import contextlib
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from traceback import format_exception
from typing import TYPE_CHECKING, Final, Self

from restli_core.errors import InvalidCallError
from restli_core.flows.limits import Limit  # noqa: TC001 - for typing.get_type_hints
from restli_core.messages import HttpResponse
from restli_transports.system import show_any_text, wait_for_interrupt
from restli_transports.testing.authorization import AuthorizationServer, TokenCheck
from restli_transports.testing.faults import Fault, Faults
from restli_transports.testing.handlers import Handlers, HasHandlers
from restli_transports.testing.http_connection import HttpConnection, Service, response_head
from restli_transports.testing.journal import Journal, JournalEntry
from restli_transports.testing.numbers import Numbers
from restli_transports.testing.received import Received
from restli_transports.testing.rules import Rules
from restli_transports.testing.sample import sample_handlers

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

__all__ = [
    "Faults",
    "Journal",
    "JournalEntry",
    "Received",
    "RestliServer",
    "add_server_arguments",
    "serve_sample",
]


class RestliServer(HasHandlers):
    """A Rest.li server on loopback, which runs within its `with` block, or from `start` to `stop`.

    Args:
        handlers: handlers made elsewhere; new ones by default.
        host: the address to listen on.
        port: the port; 0 for a free one.
        base_path: what stands before the resources in every path, such as ``/rest``.
        ssl_context: to speak TLS; None for plain HTTP.
        max_head: how many bytes of head are taken; a longer one gets 431.
        max_body: how many bytes of body are taken; a longer one gets 413.
        max_kept: how many bytes of each body `received` and `journal` keep, so that uploads do not fill the memory;
            None for all of them.
        authorization: an authorization server to serve beside the resources, at `auth_base_url`; None for none.
        requires_token: whether the resources want an access token of that server's, and refuse others with 401.
        limits: how much may be asked for; what is more gets LinkedIn's 429s. Members are told apart by their tokens,
            and what the limits say of waiting does not matter.
        versions: the versions that are active, such as ``["202609"]``: others get 426, and requests without one 400.
            None for any.
        faults: which requests get which fault; None for none. Those of `fail_next` come first.
        max_batch: how many ids, or entities, a batch may have; more get LinkedIn's 400. None for any number.
        clock: returns the time in epoch seconds, for the limits.
        raise_errors: whether leaving the ``with`` block raises what is in `errors`: the one that there is, or an
            ExceptionGroup of them. Where another exception is on its way out already, each is a note on that one.

    Raises:
        InvalidCallError: the base path does not begin with ``/``; or tokens are required, and there is no authorization
            server to give them; or the limits, versions or `max_kept` are not what they should be.
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
        max_kept: int | None = None,
        authorization: AuthorizationServer | None = None,
        requires_token: bool = False,
        limits: Iterable[Limit] = (),
        versions: Iterable[str] | None = None,
        faults: Faults | None = None,
        max_batch: int | None = None,
        clock: Callable[[], float] = time.time,
        raise_errors: bool = True,
    ) -> None:
        if base_path and not base_path.startswith("/"):
            raise InvalidCallError("base_path", "must begin with /")
        if max_kept is not None and (not isinstance(max_kept, int) or isinstance(max_kept, bool) or max_kept < 0):
            raise InvalidCallError("max_kept", "must be a number of bytes, 0 or above; or None")
        self._service = Service(
            handlers=Handlers() if handlers is None else handlers,
            token_check=TokenCheck(authorization, requires_token),
            rules=Rules(limits, versions, clock, max_batch),
            schedule=faults,
            base_path=base_path.rstrip("/"),
            ssl_context=ssl_context,
            max_head=max_head,
            max_body=max_body,
            max_kept=max_kept,
        )
        self._raise_errors = raise_errors
        self._raised: list[BaseException] = []
        self._address = (host, port)
        # They go on when the server is stopped and started again, so that no two connections have the same number.
        self._numbers = Numbers(1)
        self._listener: _Listener | None = None

    @property
    def handlers(self) -> Handlers:
        """The handlers that answer."""
        return self._service.handlers

    def start(self) -> Self:
        """Listen, and answer in the background.

        Raises:
            OSError: the address cannot be listened on.
            RuntimeError: it runs already.
        """
        if self._listener is not None:
            raise RuntimeError("the server runs already")
        self._listener = _Listener(self._service, self._address, self._numbers)
        return self

    def stop(self) -> None:
        """Close all connections, and wait for the threads that serve them; raise none of the `errors`."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    def disconnect(self) -> None:
        """Close the connections that are open, as servers do with those that are idle for too long."""
        if self._listener is not None:
            self._listener.disconnect()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        # Each is raised once, should the server run again.
        new = [one for one in self.errors if not any(one is known for known in self._raised)]
        self._raised += new
        if not new or not self._raise_errors:
            return
        if error is not None:
            for one in new:
                error.add_note("".join(format_exception(one)).rstrip())
        elif len(new) == 1:
            raise new[0]
        else:
            raise BaseExceptionGroup(f"{len(new)} requests went wrong at the server", new)

    @property
    def errors(self) -> list[BaseException]:
        """What went wrong at the server and is no fault of its client, in the order in which it happened.

        An `UnexpectedRequestError` for a request that no handler is registered for; what handlers raised other than
        a Refusal, or what they returned where that could not be sent. Each has a note that names the request. It is the
        server's own list: remove from it what a test expects.
        """
        return self._service.errors

    @property
    def port(self) -> int:
        """The port that it listens on; a RuntimeError where it does not run."""
        if self._listener is None:
            raise RuntimeError("the server does not run: enter it, or start it")
        return self._listener.port

    @property
    def base_url(self) -> str:
        """The base URL for clients: scheme, host, port and base path."""
        return self._origin() + self._service.base_path

    @property
    def auth_base_url(self) -> str:
        """The base URL for the calls of `restli_core.oauth`."""
        return f"{self._origin()}/oauth/v2"

    @property
    def authorization(self) -> AuthorizationServer | None:
        """The authorization server beside the resources; None for none."""
        return self._service.token_check.authorization

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
        """Plan what the next request gets; later plans come after earlier ones.

        Without a status, the request gets its true answer, but late, cut short or slowly.

        Args:
            status: the status of an answer that no handler gives.
            headers: its header fields; Content-Length always follows from the body.
            body: its body.
            delay: seconds to wait before the answer.
            truncate: after how many bytes of the body the connection is closed; Content-Length says all of it.
            close: whether the connection is closed without an answer.
            reset: whether the connection ends in a TCP reset: without an answer, or after `truncate` or `raw`.
            drip: seconds before each byte of the body, or of `raw`.
            raw: bytes to send in place of HTTP, before the connection is closed.
            times: how many requests it is for.

        Raises:
            InvalidCallError: status and headers are not HTTP, or something of an answer is given without a status.
        """
        if status is None and (headers or body):
            raise InvalidCallError("status", "is needed for an answer of its own")
        response = None if status is None else HttpResponse(status, headers or {}, body)
        if response is not None:
            response_head(response)  # refused here, not on the connection that it is planned for
        self._service.faults.extend([Fault(response, delay, truncate, close, reset, drip, raw)] * times)

    @property
    def received(self) -> list[Received]:
        """The requests that have come in, in their order."""
        return self._service.received.wait_for(0, 0)

    @property
    def journal(self) -> Journal:
        """What became of the requests: what the handlers answered, and what was sent, in the order of the work."""
        return self._service.journal

    def wait_for(self, number: int, *, timeout: float = 5.0) -> list[Received]:
        """Return the requests that have come in, once there are so many.

        Args:
            number: how many.
            timeout: the seconds to wait for them.

        Raises:
            TimeoutError: there are still fewer when the time is over.
        """
        return self._service.received.wait_for(number, timeout)


class _Listener:
    """A listener that takes connections, and has each served in a thread of its own, until it is stopped."""

    def __init__(self, service: Service, address: tuple[str, int], numbers: Iterator[int]) -> None:
        self._service = service
        self._numbers = numbers
        self._socket = socket.create_server(address, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        # Closing the one end wakes the thread that waits for connections, at the other.
        self._woken, self._waking = socket.socketpair()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[HttpConnection, threading.Thread] = {}
        self._thread = threading.Thread(target=self._accept, name=f"RestliServer {self.port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all of it; return when all threads have ended."""
        self._stopping.set()
        self._waking.close()
        # First the thread that adds connections: after it, the open ones are all that there will be.
        self._thread.join()
        for thread in self.disconnect():
            thread.join()

    def disconnect(self) -> list[threading.Thread]:
        """End the connections that are open; return the threads that serve them."""
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
                    accepted, _ = self._socket.accept()
                    number = next(self._numbers)
                    connection = HttpConnection(self._service, self._stopping, accepted, number)
                    thread = threading.Thread(
                        target=self._serve, args=[connection], name=f"RestliServer {number}", daemon=True
                    )
                    with self._lock:  # before it runs, since it takes itself out at its end
                        self._open[connection] = thread
                    thread.start()

    def _serve(self, connection: HttpConnection) -> None:
        try:
            connection.run()
        except BaseException as error:  # noqa: BLE001 - a thread that ends by one tells nobody
            self._service.errors.append(error)
        finally:
            with self._lock:
                del self._open[connection]


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
    """Serve the sample until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m restli_transports.testing.server", description=main.__doc__)
    add_server_arguments(parser)
    options = parser.parse_args(arguments)
    show_any_text()
    try:
        serve_sample(options, _EXAMPLES)
    except OSError as error:
        parser.exit(1, f"{error.strerror}\n")
    return 0


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `serve_sample` takes.

    Args:
        parser: the parser of a command.
    """
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="the port, 0 for a free one (%(default)s)")


def serve_sample(options: argparse.Namespace, greeting: str) -> None:
    """Serve the sample until Ctrl-C.

    Args:
        options: what `add_server_arguments` has declared.
        greeting: what is printed once it runs, with ``{base_url}`` where the server's own belongs.

    Raises:
        OSError: the address cannot be listened on; says which one.
    """
    # Whoever tries it out, by hand or in a program elsewhere, is told by the answers and by the log.
    server = RestliServer(
        sample_handlers(), host=options.host, port=options.port, base_path="/rest", raise_errors=False
    )
    try:
        server.start()
    except (OSError, OverflowError) as error:  # the latter for a number that is not a port
        reason = getattr(error, "strerror", None) or error
        raise OSError(
            getattr(error, "errno", None), f"Cannot listen on port {options.port} of {options.host}: {reason}"
        ) from error
    try:
        sys.stdout.write(greeting.lstrip().replace("{base_url}", server.base_url))
        sys.stdout.flush()
        wait_for_interrupt()
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
