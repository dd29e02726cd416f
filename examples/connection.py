"""Where the examples connect: to LinkedIn with the token in LINKEDIN_ACCESS_TOKEN, or with --local to a server here.

LINKEDIN_VERSION says which version of LinkedIn's API to ask for. The examples that get a token by themselves take the
application's LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET in place of one.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from restli_transports import RestliClient
from restli_transports.testing import AuthorizationServer, RestliServer
from restli_transports.testing.sample import sample_handlers


class Place(NamedTuple):
    """Where to send calls, and as whom; base_url is None for LinkedIn."""

    base_url: str | None
    access_token: str
    version_string: str


@contextmanager
def place() -> Generator[Place]:
    """Yield the place that the command line and the environment name."""
    version = os.environ.get("LINKEDIN_VERSION", "202609")
    if "--local" in sys.argv:
        with RestliServer(sample_handlers(), base_path="/rest") as server:
            yield Place(server.base_url, "made-up", version)
    elif "LINKEDIN_ACCESS_TOKEN" in os.environ:
        yield Place(None, os.environ["LINKEDIN_ACCESS_TOKEN"], version)
    else:
        sys.exit("Set LINKEDIN_ACCESS_TOKEN, or run this with --local.")


class AuthPlace(NamedTuple):
    """Where to get tokens, and for which application; the base URLs are None for LinkedIn."""

    client_id: str
    client_secret: str
    auth_base_url: str | None
    base_url: str | None


@contextmanager
def auth_place(redirect_url: str = "http://127.0.0.1:8000/callback") -> Generator[AuthPlace]:
    """Yield the place and the application that the command line and the environment name."""
    if "--local" in sys.argv:
        authorization = AuthorizationServer()
        authorization.app("local", "a secret", redirect_urls=redirect_url)
        with RestliServer(
            sample_handlers(), base_path="/v2", authorization=authorization, requires_token=True
        ) as server:
            yield AuthPlace("local", "a secret", server.auth_base_url, server.base_url)
    elif {"LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET"} <= os.environ.keys():
        yield AuthPlace(os.environ["LINKEDIN_CLIENT_ID"], os.environ["LINKEDIN_CLIENT_SECRET"], None, None)
    else:
        sys.exit("Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET, or run this with --local.")


@contextmanager
def connection() -> Generator[RestliClient]:
    """Yield a client of that place, over urllib3, and close it afterwards."""
    with place() as there, RestliClient(**there._asdict()) as client:
        yield client


def argument(name: str, local: str) -> str:
    """Return what follows --name on the command line; with --local, where it is left out, the value for that."""
    if f"--{name}" in sys.argv[:-1]:
        return sys.argv[sys.argv.index(f"--{name}") + 1]
    if "--local" in sys.argv:
        return local
    sys.exit(f"Say which with --{name}.")


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
