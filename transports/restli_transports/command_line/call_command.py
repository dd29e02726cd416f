"""The command `call`: a call is made, sent, and what its answer has is printed, one JSON value a line."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from restli_core.command_line.call_arguments import CALL_NOTES, add_call_arguments, make_call
from restli_core.command_line.command import Command, Parser
from restli_core.command_line.outputs import json_text
from restli_core.command_line.usage import UsageError
from restli_core.errors import PagingError
from restli_core.flows.paging import next_call
from restli_transports.command_line.senders import TRANSPORTS, open_client

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.calls import Call
    from restli_core.command_line.console import Console
    from restli_core.responses import RestliResponse
    from restli_transports.client import RestliClient

__all__ = ["CALL"]


def _add_arguments(parser: Parser) -> None:
    add_call_arguments(parser)
    group = parser.add_argument_group("sending").add_argument
    group("--store", metavar="FILE", help="where `login` has put a token: its file, or keyring:CLIENT_ID")
    group("--no-token", action="store_true", help="send no token")
    group("--timeout", metavar="SECONDS", type=float, help="how long one try may take; 300")
    group("--no-retry", action="store_true", help="send nothing again that has failed")
    group("--transport", choices=TRANSPORTS, help="the HTTP library; by default the first that is installed")
    group("--dry-run", action="store_true", help="send nothing, and print the command of curl, as `curl` does")
    group = parser.add_argument_group("what is printed").add_argument
    group("--all", action="store_true", help="of get_all and finder, the elements of all pages")
    group("--limit", metavar="N", type=int, help="so many elements at most, of as many pages as they need")
    group("--raw", action="store_true", help="the whole document of the answer; with --all, one for each page")
    group("--lines", action="store_true", help="one line for each value on a terminal too, where it is indented")
    group("--no-progress", action="store_true", help="no progress bar")


def _call(options: Namespace, console: Console) -> int:
    if (options.all or options.limit is not None) and options.method not in {"get_all", "finder"}:
        raise UsageError(f"--all and --limit: {options.method} has no pages: they are for get_all and finder")
    if options.raw and options.limit is not None:
        raise UsageError("--limit: counts elements, and --raw prints pages: give one of them")
    call = make_call(options, console)
    if options.dry_run:
        console.write(call.curl())
        return 0
    try:
        with ExitStack() as stack:
            client = open_client(options, console, stack)
            if options.all or options.limit is not None:
                return _print_all(call, client, options, console)
            return _print_answer(call, client.send(call), options, console)
    except ImportError as error:
        raise UsageError(str(error)) from None


def _print_answer(call: Call[Any], answer: RestliResponse, options: Namespace, console: Console) -> int:
    from restli_transports.command_line.printed_answers import count_failed, printed_values

    for value in [answer.document] if options.raw else printed_values(answer):
        _print(value, options, console)
    if answer.mismatch is not None:
        console.note(f"warning: the answer is odd: {answer.mismatch}")
    if options.method in {"get_all", "finder"} and _has_more(call, answer):
        console.note("note: there may be more pages: --all gets them all, --limit N some")
    failed, count = count_failed(answer)
    if failed:
        console.note(f"{failed} of {count} failed: see their errors")
    return 1 if failed else 0


def _has_more(call: Call[Any], answer: Any) -> bool:
    try:
        return next_call(call, answer) is not None
    except PagingError:  # a server that says odd things of its pages; this one is good all the same
        return False


def _print_all(call: Call[Any], client: RestliClient, options: Namespace, console: Console) -> int:
    progress = True if _shows_progress(options, console) else None
    if options.raw:
        for page in client.pages(call, progress=progress):
            _print(page.document, options, console)
            console.flush()
    else:
        for element in client.elements(call, options.limit, progress=progress):
            _print(element, options, console)
            console.flush()  # whoever reads them in a pipe has the first ones before the last one is there
    return 0


def _shows_progress(options: Namespace, console: Console) -> bool:
    """Return whether a bar is shown: a person waits for what goes elsewhere, and tqdm is there to draw it."""
    # Where the elements themselves come onto the terminal, they show how far it is, and a bar would be among them.
    if options.no_progress or console.is_terminal or console.stderr is not sys.stderr or not sys.stderr.isatty():
        return False
    try:
        import tqdm  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError:
        return False
    return True


def _print(value: Any, options: Namespace, console: Console) -> None:
    console.write(json_text(value, console, indented=console.is_terminal and not options.lines))


CALL: Final = Command(
    "call",
    "Send a call, and print what the answer has as JSON, one value a line.",
    f"""{CALL_NOTES}

The token comes from LINKEDIN_ACCESS_TOKEN, or from --store. Status 1: the server answers with an error, or a part of a
batch failed.""",
    (
        "{prog} call get '/adAccounts/{id}' --key id=5001 --fields id,name --version 202609",
        "{prog} call batch_get /adAccounts --ids 5001 5002 --version 202609",
        "{prog} call finder /adAccounts search --param 'search:=(status:(values:List(DRAFT)))' --version 202609 --all",
        "{prog} call create /adCampaigns --set name=Spring --set status=DRAFT --version 202609",
        "{prog} call partial_update '/adAccounts/{id}' --key id=5001 --set name=Winter --version 202609",
        "{prog} call action /images initializeUpload --body @upload.json --version 202609",
        "{prog} call get_all /adAccounts --version 202609 --limit 3",
        "{prog} call delete '/adAccounts/{id}' --key id=5025 --version 202609 --dry-run",
    ),
    _add_arguments,
    _call,
)
