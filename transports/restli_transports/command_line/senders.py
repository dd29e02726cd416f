"""Senders: the client that a call is sent by, over what is installed, with the token that is there.

| token                              | from                                                                       |
|------------------------------------|----------------------------------------------------------------------------|
| none                               | --no-token                                                                 |
| what is in a file, kept fresh      | --store FILE, which `login` has written; it is refreshed where             |
|                                    | LINKEDIN_CLIENT_ID, and LINKEDIN_CLIENT_SECRET if it has one, are set      |
| that of the system's keyring       | --store keyring:CLIENT_ID, where `login` puts it without a file            |
| LINKEDIN_ACCESS_TOKEN              | the environment                                                            |
| none                               | where another server than LinkedIn's is asked                              |
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.command_line.usage import UsageError
from restli_core.messages import check_token

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console
    from restli_core.oauth import Token
    from restli_transports.client import RestliClient
    from restli_transports.token_source import TokenSource
    from restli_transports.transport import Transport

__all__ = ["TRANSPORTS", "open_client", "open_transport"]

# Name -> the class in the module of that name; the first that is installed is used.
TRANSPORTS: Final = {
    "urllib3": "Urllib3Transport",
    "httpx": "HttpxTransport",
    "requests": "RequestsTransport",
    "h11": "H11Transport",
}

TOKEN: Final = "LINKEDIN_ACCESS_TOKEN"

_KEYRING: Final = "keyring:"


def open_client(options: Namespace, console: Console, stack: ExitStack) -> RestliClient:
    """Return the client that the arguments of `call` ask for.

    Args:
        options: the arguments.
        console: where the token may come from.
        stack: closes what was opened for it.

    Raises:
        UsageError: there is no token, or it cannot be used.
        ImportError: no HTTP library is installed; says what to install.
    """
    from restli_transports.client import RestliClient
    from restli_transports.transport import Timeout

    limits = Timeout() if options.timeout is None else Timeout(total=options.timeout)
    transport = open_transport(options.transport)
    stack.callback(getattr(transport, "close", int))  # `int` does nothing
    token = _token(options, console, transport)
    settings: dict[str, Any] = {"retry": None} if options.no_retry else {}
    return stack.enter_context(
        RestliClient(
            transport,
            access_token=token,
            base_url=options.base_url or console.environ.get("LINKEDIN_BASE_URL") or None,
            timeout=limits,
            **settings,
        )
    )


def open_transport(name: str | None) -> Transport:
    """Return the transport of this name, or of the first HTTP library that is installed.

    Args:
        name: one of `TRANSPORTS`; None for whichever there is.

    Raises:
        ImportError: there is none; says what to install.
    """
    for library in TRANSPORTS if name is None else [name]:
        try:
            made: Transport = getattr(import_module(f"restli_transports.{library}"), TRANSPORTS[library])()
        except ImportError:
            continue
        return made
    raise ImportError(f'{name or "an HTTP library"} is missing: pip install "restli-core[{name or "urllib3"}]"')


def _token(options: Namespace, console: Console, transport: Transport) -> str | TokenSource | None:
    if options.no_token:
        return None
    if options.store is not None:
        return _stored(options.store, console, transport)
    token = console.environ.get(TOKEN)
    if token:
        return _checked(token)
    if options.base_url or console.environ.get("LINKEDIN_BASE_URL"):
        return None
    raise UsageError(
        f"a token is missing: set the variable {TOKEN}, or sign in with `login --store FILE` and give --store FILE"
    )


def _checked(token: str) -> str:
    try:
        return check_token(token)
    except InvalidCallError as error:
        raise UsageError(f"{TOKEN}: {error.reason}") from None


def _stored(path: str, console: Console, transport: Transport) -> str | TokenSource:
    """Return the token in a file, or a source that refreshes it where the environment names the application."""
    from restli_transports.tokens import FileStore, KeyringStore, RefreshingSource
    from restli_transports.tokens.stores import LOGIN_SERVICE

    is_keyring = path.startswith(_KEYRING)
    store = KeyringStore(LOGIN_SERVICE, path.removeprefix(_KEYRING)) if is_keyring else FileStore(path)
    try:
        token: Token | None = store.load()
    except InvalidCallError as error:
        raise UsageError(f"--store: {error.reason}") from None
    except OSError as error:
        raise UsageError(f"--store: cannot read {path!r}: {error.strerror or error}") from None
    if token is None:
        raise UsageError(f"--store: there is no token in {path!r}: `login` puts one there")
    client_id = console.environ.get("LINKEDIN_CLIENT_ID")
    if client_id:
        from restli_transports.auth import AuthClient

        secret = console.environ.get("LINKEDIN_CLIENT_SECRET") or None
        return RefreshingSource(AuthClient(client_id, secret, transport=transport), store)
    if token.expires_at is not None and token.expires_at <= time.time():
        raise UsageError(
            f"--store: the token in {path!r} has ended: sign in again with `login`, or set LINKEDIN_CLIENT_ID and "
            "LINKEDIN_CLIENT_SECRET to have it refreshed"
        )
    return token.access_token
