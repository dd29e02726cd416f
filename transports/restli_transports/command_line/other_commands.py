"""Other commands: a member signs in, and sample resources are served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from restli_core.command_line.command import Command, Parser
from restli_core.command_line.usage import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console

__all__ = ["LOGIN", "SERVE"]


def _add_login(parser: Parser) -> None:
    from restli_transports.tokens.login import add_login_arguments

    add_login_arguments(parser)


def _login(options: Namespace, _console: Console) -> int:
    from restli_transports.tokens.login import run_login

    return run_login(options)


LOGIN: Final = Command(
    "login",
    "Sign a member in by the browser on this machine, and store their token.",
    """\
A native application (--native, or one without a secret) uses PKCE, and comes back to any free port. A web application
needs its redirect URL exactly as it is registered, such as http://127.0.0.1:8000/callback. Its secret comes from
LINKEDIN_CLIENT_SECRET, or is asked for. No secret, code or token is printed.""",
    ("{prog} login --client-id ID --native --scopes 'r_ads rw_ads' --store token.json",),
    _add_login,
    _login,
)

_GREETING: Final = """\
A Rest.li server at {base_url} until Ctrl-C, with samples of LinkedIn's resources. Try in another terminal:

  export LINKEDIN_BASE_URL={base_url}
  restli call get /me
  restli call get '/adAccounts/{id}' --key id=5001 --fields id,name
  restli call finder /adAccounts search --param 'search:=(status:(values:List(DRAFT)))'
  restli call partial_update '/adAccounts/{id}' --key id=5001 --set name=Winter
  curl -H 'X-RestLi-Protocol-Version: 2.0.0' '{base_url}/adAccounts?ids=List(5001,5002)'

"""


def _add_serve(parser: Parser) -> None:
    try:
        from restli_transports.testing.server import add_server_arguments
    except ImportError as error:
        raise UsageError(str(error)) from None
    add_server_arguments(parser)


def _serve(options: Namespace, _console: Console) -> int:
    from restli_transports.testing.server import serve_sample

    serve_sample(options, _GREETING)
    return 0


SERVE: Final = Command(
    "serve",
    "Serve samples of LinkedIn's resources on this machine, to try things out without a network.",
    "It runs until Ctrl-C.",
    ("{prog} serve", "{prog} serve --port 0"),
    _add_serve,
    _serve,
)
