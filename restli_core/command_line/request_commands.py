"""Request commands: requests that are made, explained, or taken out of a tunnel; none of them is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from restli_core.building import check_version
from restli_core.command_line.call_arguments import CALL_NOTES, add_call_arguments, make_call
from restli_core.command_line.command import Command, Parser
from restli_core.command_line.usage import UsageError
from restli_core.curl import TOKEN_VARIABLE
from restli_core.messages import HttpRequest
from restli_core.tunnelling import is_tunnelled, untunnel

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console
    from restli_core.explaining import Explanation

__all__ = ["CURL", "EXPLAIN", "UNTUNNEL", "write_explanation"]


def _add_curl(parser: Parser) -> None:
    add_call_arguments(parser)
    variable = "the variable of the shell that has the token"
    parser.add_argument("--token-variable", metavar="NAME", default=TOKEN_VARIABLE, help=f"{variable}; %(default)s")


def _curl(options: Namespace, console: Console) -> int:
    console.write(make_call(options, console).curl(f"${options.token_variable.removeprefix('$')}"))
    return 0


CURL: Final = Command(
    "curl",
    "Print the command of curl that makes a call.",
    f"{CALL_NOTES}\n\nThe token is a variable of the shell in the command, and never in what is printed.",
    (
        "{prog} curl get '/adAccounts/{id}' --key id=5001 --fields id,name --version 202609",
        "{prog} curl batch_get /adAccounts --ids 5001 5002 --version 202609",
        "{prog} curl finder /adAccounts search --param 'search:=(status:(values:List(ACTIVE,DRAFT)))' --version 202609",
        "{prog} curl partial_update '/adAccounts/{id}' --key id=5001 --set name=Winter --version 202609",
        "{prog} curl action /images initializeUpload --body @upload.json --version 202609",
    ),
    _add_curl,
    _curl,
)


def _add_request(parser: Parser) -> None:
    parser.add_argument(
        "request", nargs="?", default="-", metavar="REQUEST", help="the request; - or nothing: standard input"
    )


def _add_explain(parser: Parser) -> None:
    _add_request(parser)
    parser.add_argument("--version", metavar="YYYYMM", help="the version that the call in Python shall have")
    parser.add_argument(
        "--resource", metavar="PATH", action="append", help="a resource of the server, such as /adAccounts/{id:long}"
    )


def _explain(options: Namespace, console: Console) -> int:
    from restli_core.explaining import explain

    if options.version is not None:
        check_version(options.version)
    text = console.text(options.request, "the request")
    explanation = explain(text, options.resource, version_string=options.version)
    write_explanation(explanation, console)
    return 1 if explanation.refused else 0


# role of a piece -> its colour; others have none
_COLOURS: Final = {
    "title": "bold",
    "label": "blue",
    "error": "red",
    "caret": "red",
    "note": "yellow",
    "python": "green",
}


def write_explanation(explanation: Explanation, console: Console) -> None:
    """Write an explanation, in colours where there are colours."""
    for line in explanation.lines:
        pieces = [console.painted(text, _COLOURS[role]) if role in _COLOURS else text for role, text in line]
        console.write("".join(pieces).rstrip())


EXPLAIN: Final = Command(
    "explain",
    "Show what a request asks for, and what a server would refuse of it.",
    """\
REQUEST is a URL, a command of curl, a raw HTTP request, or a text with one URL in it, such as a line of a log.
Status 1: a server would refuse it.""",
    (
        "{prog} explain 'https://api.linkedin.com/rest/adAccounts?ids=List(5001,5002)&fields=id,name'",
        "{prog} explain \"curl -H 'X-RestLi-Protocol-Version: 2.0.0' https://api.linkedin.com/v2/adAccounts/5001\"",
        "{prog} curl get '/adAccounts/{id}' --key id=5001 --version 202609 | {prog} explain",
    ),
    _add_explain,
    _explain,
)


def _untunnel(options: Namespace, console: Console) -> int:
    from restli_core.explaining.pasted import read_pasted

    pasted = read_pasted(console.text(options.request, "the request"))
    request = HttpRequest(pasted.method or "POST", pasted.url, pasted.headers or (), pasted.body or b"")
    if not is_tunnelled(request):
        raise UsageError("the request: is not tunnelled: it has no header X-HTTP-Method-Override")
    inner = untunnel(request).redacted()
    console.write(f"{console.painted(inner.method, 'bold')} {inner.url}")
    for name, value in inner.headers.raw:
        console.write(f"{console.painted(f'{name}:', 'blue')} {value}")
    if inner.body:
        console.write(f"\n{inner.body.decode('utf-8', 'backslashreplace')}")
    return 0


UNTUNNEL: Final = Command(
    "untunnel",
    "Show the request that a tunnelled one carries: one whose query was too long for a URL.",
    "REQUEST is a command of curl, or a raw HTTP request: its line, its headers, an empty line and its body.",
    (
        "{prog} curl batch_get /adAccounts --ids 5001 5002 --tunnel-above 0 | {prog} untunnel",
        "{prog} untunnel \"curl -H 'X-HTTP-Method-Override: GET' -d 'ids=List(1,2)' https://api.linkedin.com/rest/posts\"",
    ),
    _add_request,
    _untunnel,
)
