"""Login: a member signs in from a terminal, by the browser on the same machine, and their token is stored.

    python -m restli_transports.tokens.login --client-id ID --scopes "r_ads w_ads" --store token.json

    1  listen on 127.0.0.1, for as long as the time limit says
    2  send the browser to the authorization server; the URL is printed, for where none opens
    3  take the one redirect that comes back with the state of this login; one with another gets 400, and whatever else
       asks for a page 404, and the wait goes on
    4  exchange its code for a token, store the token
    5  show in the browser, and in the terminal, how it went

A native application (``--native``, or one without a secret) uses PKCE, comes back to any free port, and sends no
secret. A web application needs its redirect URL exactly as it is registered: ``--redirect-url
http://127.0.0.1:8000/callback``. Its secret comes from LINKEDIN_CLIENT_SECRET, or is asked for; never from the command
line, which others can see.

No secret, code or token is printed, logged or shown in the browser.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from getpass import getpass
from html import escape
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from restli_core.base_errors import InvalidCallError, RestliError
from restli_core.errors import OAuthError
from restli_core.frames import concealing
from restli_core.oauth import Token, read_redirect
from restli_transports.auth import AuthClient, new_state, new_verifier
from restli_transports.system import IS_WINDOWS, LOOK_UP_SECONDS, show_any_text
from restli_transports.tokens.stores import LOGIN_SERVICE, FileStore, KeyringStore

if TYPE_CHECKING:
    from restli_transports.tokens.protocols import TokenStore

__all__ = ["add_login_arguments", "main", "run_login", "sign_in"]

_BROWSER_SECONDS: Final = 10.0  # that a browser has to send its request, and to take the page
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::([0-9]{1,5}))?(?=[/?]|$)")
_MAX_PORT: Final = 65535


def sign_in(
    auth: AuthClient,
    scopes: str | Sequence[str],
    *,
    native: bool | None = None,
    port: int = 0,
    timeout: float = 300.0,
    extra_params: Mapping[str, object] | None = None,
    store: TokenStore | None = None,
    open_url: Callable[[str], object] = webbrowser.open,
    output: Callable[[str], object] = print,
    clock: Callable[[], float] = time.time,
) -> Token:
    """Let a member sign in with the browser on this machine, and return their token.

    Args:
        auth: the client of the application. A native one may do without a redirect URL: ``http://127.0.0.1/callback``
            is meant then.
        scopes: what is asked for, at least one: a list, or text with spaces or commas between them.
        native: whether to use the native flow, with PKCE and without the secret; by default if there is no secret.
        port: the port to listen on in the native flow, if its redirect URL has none; 0 for a free one. The web flow
            takes that of its redirect URL.
        timeout: the seconds that the member has.
        extra_params: further parameters of the authorization URL, such as ``{"prompt": "login"}`` or
            ``{"enable_extended_login": True}``.
        store: where the token is saved; None for nowhere.
        open_url: opens the URL in a browser, in a thread of its own; what it raises does not matter.
        output: is given what the terminal shows, a line at a time.
        clock: returns the time in epoch seconds.

    Raises:
        OAuthError: the member or the server refused.
        RestliError: the server could not be reached, or its answer not be read.
        TimeoutError: nobody came back in time.
        InvalidCallError: an argument cannot be used, such as a redirect URL that does not lead to this machine.
        OSError: the port cannot be listened on, or the store failed.
    """
    if not isinstance(auth, AuthClient):
        raise InvalidCallError("auth", f"must be an AuthClient, not {type(auth).__name__}")
    if not isinstance(port, int) or not 0 <= port <= _MAX_PORT:
        raise InvalidCallError("port", "must be a number from 0 to 65535")
    if not isinstance(timeout, int | float) or not 0 < timeout <= threading.TIMEOUT_MAX:
        raise InvalidCallError("timeout", "must be a number of seconds above 0")
    if store is not None and not callable(getattr(store, "save", None)):
        raise InvalidCallError("store", f"must be a store, such as FileStore, not {type(store).__name__}")
    is_native = auth.application.client_secret is None if native is None else native
    redirect_url = auth.application.redirect_url or ("http://127.0.0.1/callback" if is_native else None)
    with _listening(redirect_url, port if is_native else 80) as listener:

        @concealing  # what is secret is among its local variables
        def signed_in() -> Token:
            verifier = new_verifier() if is_native else None
            used = auth.with_redirect_url(listener.url)
            url = used.generate_member_auth_url(
                scopes, listener.state, code_verifier=verifier, extra_params=extra_params
            )
            output("Open this URL in a browser, should none open by itself:")
            output(url)
            # In a thread: some browsers hold up the program that opens them until they are closed.
            opening = partial(_open, open_url, url)
            threading.Thread(target=opening, name="opening a browser", daemon=True).start()
            with listener.redirect(timeout) as redirect:
                code = read_redirect(redirect, listener.state)
                now = clock()
                token = Token.received(used.exchange_auth_code_for_access_token(code, code_verifier=verifier), now)
                if store is not None:
                    store.save(token)
                return token

        return signed_in()


def _open(open_url: Callable[[str], object], url: str) -> None:
    with suppress(Exception):  # the URL is printed as well
        open_url(url)


# -- listening ---------------------------------------------------------------------------------------------------------


class _Listener(ThreadingTCPServer):
    """A listener for one redirect. Each connection has a thread: browsers open some that they send nothing on."""

    daemon_threads = True
    allow_reuse_address = not IS_WINDOWS  # elsewhere it would let others listen to the same port

    def __init__(self, redirect_url: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        parts = urlsplit(redirect_url)
        port = self.server_address[1]  # the free one, where 0 was asked for
        self.path = parts.path or "/"
        self.url = redirect_url
        if port != (parts.port or 80):
            self.url = parts._replace(netloc=f"{parts.netloc}:{port}").geturl()
        hosts = [f"127.0.0.1:{port}", f"localhost:{port}", *(["127.0.0.1", "localhost"] if port == 80 else [])]
        self._hosts = frozenset(hosts)
        self.state = new_state()
        self._others = 0  # redirects that had another state
        self._taken = threading.Lock()  # by the first redirect with this state, for ever
        self._redirects: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._pages: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        self._shown = threading.Event()

    def page(self, target: str, host: str) -> tuple[int, str] | None:
        """Return the page for a request, once there is one; None for what is not the redirect, or not the first.

        The Host is looked at, since a page from elsewhere can have its name lead here (DNS rebinding). The state is,
        since any page can send the browser here, and a tab of an earlier login may.
        """
        path, _, query = target.partition("?")
        if path != self.path or not query or host not in self._hosts or self._taken.locked():
            return None
        if not _has_state(target, self.state):
            self._others += 1
            return 400, _page("This is not the login that is waited for", "Open the URL that the terminal shows.")
        if not self._taken.acquire(blocking=False):
            return None
        self._redirects.put(target)
        return self._pages.get()

    def note_shown(self) -> None:
        """Note that the browser has the page."""
        self._shown.set()

    @contextmanager
    def redirect(self, timeout: float) -> Generator[str]:
        """Wait for the redirect, which is answered according to how the block ends.

        Raises:
            TimeoutError: there is none in time.
        """
        try:
            target = self._first(time.monotonic() + timeout)
        except queue.Empty:
            self._pages.put((408, _page("Signing in failed", "It took too long.")))
            others = f", but {self._others} with the state of another login" if self._others else ""
            raise TimeoutError(f"nobody came back within {timeout:g} s{others}") from None
        page = (500, _page("Signing in failed", "It was interrupted."))
        try:
            yield target
            page = (200, _page("You are signed in", "You can close this page."))
        except (RestliError, OSError) as error:
            page = (400, _page("Signing in failed", str(error)))
            raise
        finally:
            # The program may end after this, and its threads with it: the browser gets the page first.
            self._pages.put(page)
            self._shown.wait(_BROWSER_SECONDS)

    def _first(self, end: float) -> str:
        """Return the redirect, before this moment of the monotonic clock; Ctrl-C ends the wait on each system."""
        while True:
            left = max(0.0, end - time.monotonic())
            with suppress(queue.Empty) if left > LOOK_UP_SECONDS else nullcontext():
                return self._redirects.get(timeout=min(left, LOOK_UP_SECONDS))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a browser may hang up when it likes."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _BROWSER_SECONDS

    def do_GET(self) -> None:
        listener = cast("_Listener", self.server)
        page = listener.page(self.path, self.headers.get("Host", ""))
        status, text = page or (404, _page("Not found", "There is nothing here."))
        body = text.encode("utf-8", "replace")
        try:
            self.send_response_only(status)  # without Server and Date, which say what runs here
            for name, value in _FIELDS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        finally:
            if page is not None:
                listener.note_shown()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing: a redirect has a code in it."""


_FIELDS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the page's URL has the code in it
    "Connection": "close",
}


def _page(title: str, words: str) -> str:
    return f"""\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{escape(title)}</title>
<h1>{escape(title)}</h1>
<p>{escape(words)}</p>
</html>
"""


def _has_state(target: str, state: str) -> bool:
    """Return whether a redirect has this state, whatever else it says."""
    try:
        read_redirect(target, state)
    except OAuthError as error:
        return error.error != "state_mismatch"
    return True


@contextmanager
def _listening(redirect_url: str | None, port: int) -> Generator[_Listener]:
    """Listen for a redirect to the URL, on this port if the URL has none, until the block ends."""
    if redirect_url is None:
        raise InvalidCallError("redirect_url", "is needed by a web application, as it is registered")
    found = _LOOPBACK.match(redirect_url)
    port = int(found[1]) if found and found[1] else port
    if found is None or (found[1] and not 0 < port <= _MAX_PORT):
        reason = "must begin with http://127.0.0.1 or http://localhost, to come back here"
        raise InvalidCallError("redirect_url", reason)
    try:
        listener = _Listener(redirect_url, port)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on port {port} of 127.0.0.1: {error.strerror}") from error
    with listener:
        # How often it looks, in seconds, whether it is to end.
        serve = partial(listener.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener
        finally:
            listener.shutdown()


# -- the command -------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status, as `run_login` does.

    Args:
        arguments: what stands on the command line; by default that of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m restli_transports.tokens.login",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_login_arguments(parser)
    show_any_text()
    return run_login(parser.parse_args(arguments))


def run_login(asked: argparse.Namespace) -> int:
    """Sign a member in as the arguments say, and return the exit status.

    Args:
        asked: what `add_login_arguments` has declared.

    Returns:
        0 for a token that is stored, 1 for none, 2 for arguments that cannot be right, 130 for Ctrl-C.
    """
    output = partial(print, flush=True)  # so that the URL is seen at once where it goes into a pipe
    failure: object
    try:
        try:
            store = FileStore(asked.store) if asked.store else KeyringStore(LOGIN_SERVICE, asked.client_id)
            # A store that cannot be used is better found out before the member signs in.
            stored = store.load()
            if stored is not None:
                store.save(stored)
        except (OSError, ImportError) as error:
            raise type(error)(f"{error}; --store FILE keeps the token in a file of your choice") from error
        secret = None if asked.native else _ask_for_secret()
        with AuthClient(asked.client_id, secret, asked.redirect_url, base_url=asked.auth_base_url) as auth:
            token = sign_in(
                auth,
                asked.scopes,
                native=secret is None,
                port=asked.port,
                timeout=asked.timeout,
                extra_params=dict(asked.extra_param),
                store=store,
                open_url=(lambda _: False) if asked.no_browser else webbrowser.open,
                output=output,
            )
        place = asked.store or f"the system's keyring: KeyringStore({LOGIN_SERVICE!r}, {asked.client_id!r})"
        output(f"Signed in, for: {', '.join(token.scopes) or 'what was asked for'}. The token is in {place}.")
    except InvalidCallError as error:
        failure, status = error, 2
    except (RestliError, OSError, ImportError) as error:
        failure, status = error, 1
    except KeyboardInterrupt:
        failure, status = "interrupted", 130
    else:
        return 0
    print(f"Signing in failed: {failure}", file=sys.stderr)
    return status


def add_login_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run_login` takes.

    Args:
        parser: the parser of a command.
    """
    parser.add_argument("--client-id", required=True, help="the application")
    parser.add_argument("--scopes", required=True, help="what to ask for, with spaces or commas between")
    parser.add_argument("--native", action="store_true", help="the native flow: PKCE, and no secret")
    parser.add_argument("--redirect-url", help="as registered; a native application's may leave out the port")
    parser.add_argument("--port", type=int, default=0, help="the port of a native application; by default a free one")
    parser.add_argument("--store", metavar="FILE", help="the file for the token; by default the system's keyring")
    parser.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="how long to wait; 300")
    parser.add_argument("--no-browser", action="store_true", help="only print the URL")
    parser.add_argument(
        "--param",
        dest="extra_param",
        metavar="NAME=VALUE",
        type=_named_value,
        action="append",
        default=[],
        help="a further parameter of the URL, such as prompt=login or enable_extended_login=true; may come again",
    )
    parser.add_argument("--auth-base-url", metavar="URL", help="another authorization server than LinkedIn's")


def _named_value(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _ask_for_secret() -> str | None:
    """Return the application's secret, from the environment or the terminal; None for a native application."""
    secret = os.environ.get("LINKEDIN_CLIENT_SECRET")
    if secret is None and not sys.stdin.isatty():
        raise InvalidCallError(
            "LINKEDIN_CLIENT_SECRET in the environment", "is missing; --native does without a secret"
        )
    return (getpass("The application's secret (none for a native one): ") if secret is None else secret) or None


if __name__ == "__main__":
    sys.exit(main())
