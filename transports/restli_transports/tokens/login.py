"""Login: a member signs in from a terminal, by the browser on the same machine, and their token is stored.

    python -m restli_transports.tokens.login --client-id ID --scopes "r_ads w_ads" --store token.json

    1  listen on 127.0.0.1, for as long as the time limit says
    2  send the browser to the authorization server; the URL is printed, for where none opens
    3  take the one redirect that comes back; whatever else asks for a page gets 404
    4  check its state, exchange its code for a token, store the token
    5  tell the browser, and the terminal, how it went

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
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from getpass import getpass
from html import escape
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from restli_core.errors import InvalidCallError, RestliError
from restli_core.oauth import Token, read_redirect
from restli_transports.auth import AuthClient, new_state, new_verifier
from restli_transports.tokens.stores import FileStore, KeyringStore

if TYPE_CHECKING:
    from restli_transports.tokens.protocols import TokenStore

__all__ = ["login", "main"]

_NATIVE_URL: Final = "http://127.0.0.1/callback"
_PATIENCE: Final = 10.0  # seconds for a browser to send its request, and to take the page
_SERVICE: Final = "restli_transports.tokens.login"


def login(
    auth: AuthClient,
    scopes: str | Sequence[str],
    *,
    native: bool | None = None,
    port: int = 0,
    timeout: float = 300.0,
    store: TokenStore | None = None,
    open_url: Callable[[str], object] = webbrowser.open,
    tell: Callable[[str], object] = print,
    clock: Callable[[], float] = time.time,
) -> Token:
    """Lets a member sign in with the browser on this machine, and gives their token.

    Args:
        auth: the client of the application. A native one may do without a redirect URL: ``http://127.0.0.1/callback``
            is meant then.
        scopes: what is asked for, at least one: a list, or text with spaces or commas between them.
        native: whether to use the native flow, with PKCE and without the secret; by default if there is no secret.
        port: the port to listen on in the native flow, if its redirect URL has none; 0 for a free one. The web flow
            takes that of its redirect URL.
        timeout: the seconds that the member has.
        store: where the token is saved; None for nowhere.
        open_url: opens the URL in a browser, in a thread of its own; what it raises does not matter.
        tell: what the terminal is told, a line at a time.
        clock: tells the time in epoch seconds.

    Raises:
        OAuthError: the member or the server refused, or the redirect is a forged one.
        RestliError: the server could not be reached, or not be understood.
        TimeoutError: nobody came back in time.
        InvalidCallError: an argument cannot be used, such as a redirect URL that does not lead to this machine.
        OSError: the port cannot be had, or the store failed.
    """
    _check(auth, port, timeout, store)
    verifier = new_verifier() if (auth.application.client_secret is None if native is None else native) else None
    given = auth.application.redirect_url or (_NATIVE_URL if verifier else None)
    with _listening(given, port if verifier else 80) as listener:
        used = auth.with_redirect_url(listener.url)
        state = new_state()
        _send_away(used.generate_member_auth_url(scopes, state, code_verifier=verifier), open_url, tell)
        with listener.redirect(timeout) as redirect:
            code = read_redirect(redirect, state)
            now = clock()
            token = Token.received(used.exchange_auth_code_for_access_token(code, code_verifier=verifier), now)
            if store is not None:
                store.save(token)
    return token


def _send_away(url: str, open_url: Callable[[str], object], tell: Callable[[str], object]) -> None:
    tell("Open this URL in a browser, should none open by itself:")
    tell(url)
    # Some browsers hold up who opens them until they are closed.
    threading.Thread(target=_opened, args=[open_url, url], name="opening a browser", daemon=True).start()


def _opened(open_url: Callable[[str], object], url: str) -> None:
    with suppress(Exception):  # the URL is printed
        open_url(url)


# -- listening ---------------------------------------------------------------------------------------------------------


class _Listener(ThreadingTCPServer):
    """Listens for one redirect. Each connection has a thread: browsers open some that they send nothing on."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it would let others listen to the same port

    def __init__(self, redirect_url: str, port: int) -> None:
        parts = urlsplit(redirect_url)
        super().__init__(("127.0.0.1", port if parts.port is None else parts.port), _Handler)
        self.path = parts.path or "/"
        used = self.server_address[1]
        self.url = redirect_url if used == (parts.port or 80) else _with_port(redirect_url, used)
        self._hosts = frozenset({f"{name}:{used}" for name in _NAMES} | ({*_NAMES} if used == 80 else set()))
        self._taken = threading.Lock()  # for ever by the first redirect
        self._redirects: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._pages: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
        self._shown = threading.Event()

    def page(self, target: str, host: str) -> tuple[int, str] | None:
        """The page for a request, once there is one; None for what is not the redirect, or not the first.

        A page elsewhere whose name has come to lead here (DNS rebinding) tells so by its Host.
        """
        path, _, query = target.partition("?")
        if path != self.path or not query or host not in self._hosts or not self._taken.acquire(blocking=False):
            return None
        self._redirects.put(target)
        return self._pages.get()

    def note_shown(self) -> None:
        """The browser has the page."""
        self._shown.set()

    @contextmanager
    def redirect(self, timeout: float) -> Generator[str]:
        """The redirect, which is answered according to how the block ends.

        Raises:
            TimeoutError: there is none in time.
        """
        try:
            target = self._redirects.get(timeout=timeout)
        except queue.Empty:
            self._pages.put((408, _page("Signing in failed", "It took too long.")))
            raise TimeoutError(f"nobody came back within {timeout:g} s") from None
        page = (500, _page("Signing in failed", "It was interrupted."))
        try:
            yield target
            page = (200, _page("You are signed in", "You can close this page."))
        except (RestliError, OSError) as error:
            page = (400, _page("Signing in failed", str(error)))
            raise
        finally:
            self._pages.put(page)
            self._shown.wait(_PATIENCE)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a browser may hang up when it likes."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE

    def do_GET(self) -> None:
        listener = cast("_Listener", self.server)
        page = listener.page(self.path, self.headers.get("Host", ""))
        status, text = page or (404, _page("Not found", "There is nothing here."))
        try:
            self._answer(status, text.encode("utf-8", "replace"))
        finally:
            if page is not None:
                listener.note_shown()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        for name, value in _FIELDS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Logs nothing: a redirect has a code in it."""


_FIELDS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the page's URL has the code in it
    "Connection": "close",
}


def _page(title: str, words: str) -> str:
    return _PAGE.format(title=escape(title), words=escape(words))


_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<h1>{title}</h1>
<p>{words}</p>
</html>
"""


def _listener(redirect_url: str, port: int) -> _Listener:
    try:
        return _Listener(redirect_url, port)
    except OSError as error:
        used = urlsplit(redirect_url).port or port
        raise OSError(error.errno, f"cannot listen on port {used} of 127.0.0.1: {error.strerror}") from error


@contextmanager
def _listening(redirect_url: str | None, port: int) -> Generator[_Listener]:
    with _listener(_checked(redirect_url), port) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            listener.shutdown()


def _checked(redirect_url: str | None) -> str:
    if redirect_url is None:
        raise InvalidCallError("redirect_url", "is needed by a web application, as it is registered")
    found = _LOOPBACK.match(redirect_url)
    if found is None or not 0 < int(found[1] or 80) < _PORTS:
        raise InvalidCallError(
            "redirect_url", "must begin with http://127.0.0.1 or http://localhost, to come back here"
        )
    return redirect_url


_NAMES: Final = ("127.0.0.1", "localhost")
_LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::([0-9]{1,5}))?(?=[/?]|$)")
_PORTS: Final = 1 << 16


def _check(auth: object, port: object, timeout: object, store: object) -> None:
    if not isinstance(auth, AuthClient):
        raise InvalidCallError("auth", f"must be an AuthClient, not {type(auth).__name__}")
    if not isinstance(port, int) or not 0 <= port < _PORTS:
        raise InvalidCallError("port", "must be a number from 0 to 65535")
    if not isinstance(timeout, int | float) or not 0 < timeout <= threading.TIMEOUT_MAX:
        raise InvalidCallError("timeout", "must be a number of seconds above 0")
    if store is not None and not callable(getattr(store, "save", None)):
        raise InvalidCallError("store", f"must be a store, such as FileStore, not {type(store).__name__}")


def _with_port(redirect_url: str, port: int) -> str:
    parts = urlsplit(redirect_url)
    return parts._replace(netloc=f"{parts.netloc}:{port}").geturl()


# -- the command -------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 0 for a token that is stored, 1 for none, 2 for what cannot be meant."""
    asked = _parser().parse_args(arguments)
    try:
        store = _usable_store(asked)
        with _auth(asked) as auth:
            return _logged_in(auth, store, asked)
    except InvalidCallError as error:
        return _failed(error, 2)
    except (RestliError, OSError, ImportError) as error:
        return _failed(error, 1)
    except KeyboardInterrupt:
        return _failed("interrupted", 1)


def _logged_in(auth: AuthClient, store: TokenStore, asked: argparse.Namespace) -> int:
    token = login(
        auth,
        asked.scopes,
        native=auth.application.client_secret is None,
        port=asked.port,
        timeout=asked.timeout,
        store=store,
        open_url=_no_browser if asked.no_browser else webbrowser.open,
        tell=_tell,
    )
    place = asked.store or f"the system's keyring: KeyringStore({_SERVICE!r}, {asked.client_id!r})"
    _tell(f"Signed in, for: {', '.join(token.scopes) or 'what was asked for'}. The token is in {place}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m restli_transports.tokens.login",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--client-id", required=True, help="the application")
    parser.add_argument("--scopes", required=True, help="what to ask for, with spaces or commas between")
    parser.add_argument("--native", action="store_true", help="the native flow: PKCE, and no secret")
    parser.add_argument("--redirect-url", help="as registered; a native application's may leave out the port")
    parser.add_argument("--port", type=int, default=0, help="the port of a native application; by default a free one")
    parser.add_argument("--store", metavar="FILE", help="the file for the token; by default the system's keyring")
    parser.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="how long to wait; 300")
    parser.add_argument("--no-browser", action="store_true", help="only print the URL")
    parser.add_argument("--auth-base-url", metavar="URL", help="another authorization server than LinkedIn's")
    return parser


def _usable_store(asked: argparse.Namespace) -> TokenStore:
    """Where the token shall be. A store that cannot be used is better found out before the member signs in."""
    try:
        store = FileStore(asked.store) if asked.store else KeyringStore(_SERVICE, asked.client_id)
        kept = store.load()
        if kept is not None:
            store.save(kept)
    except (OSError, ImportError) as error:
        raise type(error)(f"{error}; --store FILE keeps the token in a file of your choice") from error
    return store


def _auth(asked: argparse.Namespace) -> AuthClient:
    secret = None if asked.native else _secret()
    return AuthClient(asked.client_id, secret, asked.redirect_url, base_url=asked.auth_base_url)


def _secret() -> str | None:
    secret = os.environ.get("LINKEDIN_CLIENT_SECRET")
    if secret is None and not sys.stdin.isatty():
        raise InvalidCallError(
            "LINKEDIN_CLIENT_SECRET in the environment", "is missing; --native does without a secret"
        )
    return (getpass("The application's secret (none for a native one): ") if secret is None else secret) or None


def _no_browser(url: str) -> bool:
    return False


def _tell(line: str) -> None:
    print(line, flush=True)


def _failed(reason: object, status: int) -> int:
    print(f"Signing in failed: {reason}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
