"""Call arguments: how the fourteen methods and all of their arguments are written on a command line.

    METHOD PATH [NAME] [--key NAME=VALUE]... [--ids ID...] [--param NAME=VALUE]... [--body JSON] ...

`curl` prints the call that they make, `call` sends it: the arguments are the same, and stand here once.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING, Any, Final

from restli_core import calls
from restli_core.command_line.inputs import ids_of, json_value, json_values, named_values
from restli_core.command_line.usage import UsageError
from restli_core.methods import METHODS, Method

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.calls import Call
    from restli_core.command_line.command import Parser
    from restli_core.command_line.console import Console

__all__ = ["CALL_NOTES", "add_call_arguments", "make_call"]

CALL_NOTES: Final = """\
METHOD is one of Rest.li's methods: get, batch_get, get_all, finder, batch_finder, create, batch_create, update,
batch_update, partial_update, batch_partial_update, delete, batch_delete, action. NAME is that of the finder or action.

VALUE is text. After := it is JSON, or Rest.li text as LinkedIn's documentation has it. @FILE is what is in a file, and
@- what comes from standard input.
    --param q2=ACTIVE  --param 'ids:=[1, 2]'  --param 'search:=(status:(values:List(ACTIVE)))'  --param urns:=@urns.json
An id of --ids that begins with := is a complex key in JSON; in a file or from standard input each line is an id."""


def add_call_arguments(parser: Parser) -> None:
    """Declare the arguments of calls."""
    parser.synonyms = _SYNONYMS
    add = parser.add_argument
    add("method", metavar="METHOD", type=_method, choices=[*METHODS], help="the method, such as get or batch_get")
    add("path", metavar="PATH", help="the path, with placeholders for keys: /adAccounts/{id}")
    add("name", metavar="NAME", nargs="?", help="the name of the finder, batch finder or action")
    group = parser.add_argument_group("what is asked for").add_argument
    group("--key", metavar="NAME=VALUE", action="append", default=[], help="the key for a placeholder of the path")
    group("--ids", metavar="ID", nargs="+", help="the ids of a batch; - reads them from standard input")
    group("--param", metavar="NAME=VALUE", action="append", default=[], help="a parameter of the query")
    group("--criteria", metavar="NAME:=LIST", help="the criteria of a batch finder: their parameter, and a list")
    group("--fields", metavar="MASK", help="the fields wanted, such as id,name,owner:(name)")
    group = parser.add_argument_group("what is sent").add_argument
    group(
        "--body", "-d", metavar="JSON", help="the entity, the fields to set, an action's parameters; of a batch, a list"
    )
    group("--set", metavar="NAME=VALUE", action="append", default=[], help="one field of the body, in place of --body")
    group("--patch", metavar="JSON", help="a whole patch, with $set and $delete; of a batch, a list")
    group("--return-entity", action=BooleanOptionalAction, default=None, help="have the entity returned, or not")
    group = parser.add_argument_group("how").add_argument
    group("--version", metavar="YYYYMM", help="the version of LinkedIn's API; by default LINKEDIN_VERSION")
    group("--base-url", metavar="URL", help="another server; by default LINKEDIN_BASE_URL, or LinkedIn's")
    group("--header", "-H", metavar="'NAME: VALUE'", action="append", default=[], help="a further header")
    group("--tunnel-above", metavar="N", type=int, help="characters of a query, above which it is tunnelled; 4000")


_SYNONYMS: Final = {
    "--data": "--body",
    "--json": "--body",
    "--query": "--param NAME=VALUE",
    "--start": "--param start=N",
    "--count": "--param count=N",
    "--id": "--key id=VALUE, or --ids for a batch",
    "--q": "the finder's name after the path",
    "--action": "the action's name after the path",
    "--url": "--base-url",
    "--yes": "nothing: a call is sent without a question",
}


def _method(text: str) -> str:
    """Return the name of a method, in whatever case, and with hyphens if need be."""
    name = text.lower().replace("-", "_")
    if name in METHODS:
        return name
    names = [method.name for method in METHODS.values() if method.verb == text.upper()]
    if names:
        raise UsageError(f"METHOD: {text} is a method of HTTP; of Rest.li's it is that of {', '.join(names)}")
    from difflib import get_close_matches

    close = get_close_matches(name, METHODS, n=1)
    guess = f"did you mean {close[0]}?" if close else f"must be one of {', '.join(METHODS)}"
    raise UsageError(f"METHOD: {text[:40]!r} is not a method of Rest.li: {guess}")


def make_call(options: Namespace, console: Console) -> Call[Any]:
    """Return the call that the arguments make.

    Raises:
        UsageError: one of them is missing, or is not one of this method.
        InvalidCallError: the call cannot be expressed; names the argument of the function.
    """
    method = METHODS[options.method]
    if "://" in options.path:
        cure = "give the path alone, such as /adAccounts/{id}; the command explain shows the call of a URL"
        raise UsageError(f"PATH: is a whole URL: {cure}")
    _refuse_others(method, options)
    # A shell of Windows makes a file's path of one that begins with a slash, so the slash may be left out.
    own: list[Any] = [options.path if options.path.startswith("/") else f"/{options.path}"]
    keywords = _common(method, options, console)
    if method.parameter == "ids":
        own.append(ids_of(options.ids or (), console) if options.ids else _piped_ids(console))
    elif method.parameter is not None:
        own.append(options.name)
    if method.name == "batch_finder":
        own.append(_criteria(options, console))
    if options.patch is not None:
        name = "patch" if method.body == "patch" else "patches"
        keywords[name] = _document(options.patch, "--patch", method, console)
    elif method.body is not None:
        own.append(_body(method, options, console))
    function = getattr(calls, method.name)
    call: Call[Any] = function(*own, **keywords)
    return call


# -- which arguments a method has --------------------------------------------------------------------------------------

_BATCH_BODIES: Final = {"elements", "entities", "patches"}


def _refuse_others(method: Method, options: Namespace) -> None:
    """Refuse what a method does not have, and what it lacks, with the cure."""
    name = method.name
    wants_name = method.parameter in {"q", "bq", "action"}
    if wants_name and options.name is None:
        kind = "action" if name == "action" else "finder"
        raise UsageError(f"NAME: {name} needs the name of the {kind} after the path: {name} {options.path} NAME")
    patches = method.body in {"patch", "patches"}
    refusals = (
        (options.name is not None and not wants_name, f"NAME: {name} has no name", "keys go into --key and --ids"),
        (options.ids is not None and method.parameter != "ids", f"--ids: {name} has no ids", _ids_cure(name)),
        (options.criteria is not None and name != "batch_finder", f"--criteria: {name} has none", "use --param"),
        (options.criteria is None and name == "batch_finder", "--criteria: is missing", "--criteria 'name:=[{...}]'"),
        (
            options.body is not None and method.body is None,
            f"--body: {name} has no body",
            "parameters of the query go into --param",
        ),
        (options.set and method.body is None, f"--set: {name} has no body", "see --param"),
        (bool(options.set) and method.body in _BATCH_BODIES, f"--set: is not for {name}", "give --body a list"),
        (options.patch is not None and not patches, f"--patch: {name} takes no patch", "give --body"),
        (
            (options.body is not None) + bool(options.set) + (options.patch is not None) > 1,
            "--body, --set and --patch: only one of them can be given",
            "put all of it into --body",
        ),
        (
            options.return_entity is not None and not method.returns_entity,
            f"--return-entity: {name} does not know it",
            "leave it out",
        ),
    )
    for refused, what, cure in refusals:
        if refused:
            raise UsageError(f"{what}: {cure}")


def _ids_cure(name: str) -> str:
    batch = f"batch_{name}"
    if METHODS.get(batch) is not None and METHODS[batch].parameter == "ids":
        return f"{batch} has; one key goes into --key"
    return "a parameter of that name is --param"


# -- the arguments -----------------------------------------------------------------------------------------------------


def _common(method: Method, options: Namespace, console: Console) -> dict[str, Any]:
    """Return the keywords that all methods take, of those that were given."""
    environ = console.environ
    given = {
        "path_keys": named_values(options.key, "--key", console),
        "query_params": named_values(options.param, "--param", console),
        "fields": options.fields,
        "headers": _headers(options.header),
        "version_string": options.version or environ.get("LINKEDIN_VERSION"),
        "base_url": options.base_url or environ.get("LINKEDIN_BASE_URL"),
        "tunnel_above": options.tunnel_above,
        "return_entity": options.return_entity if method.returns_entity else None,
    }
    # Nothing and an empty mapping say the same, but 0 and False do not.
    return {name: value for name, value in given.items() if value is not None and value not in ({}, "")}


def _headers(texts: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            # What was given is not shown: it may be a secret.
            raise UsageError("--header: must be 'Name: value', in quotes")
        if name.strip() in headers:
            raise UsageError(f"--header {name.strip()[:40]}: is given twice; several values have commas between them")
        headers[name.strip()] = value.strip()
    return headers


def _piped_ids(console: Console) -> list[Any]:
    if console.reads_terminal:
        raise UsageError("--ids: is missing: --ids 5001 5002, or one on each line of standard input")
    return ids_of(["-"], console)


def _criteria(options: Namespace, console: Console) -> tuple[str, Any]:
    (pair,) = named_values([options.criteria], "--criteria", console).items()
    if not isinstance(pair[1], list):
        raise UsageError(f'--criteria: must be a list, such as \'{pair[0]}:=[{{"status": "ACTIVE"}}]\'')
    return pair


def _body(method: Method, options: Namespace, console: Console) -> Any:
    """Return the body: that of --body, of --set, or of standard input; an action may do without."""
    if options.set:
        return named_values(options.set, "--set", console)
    if options.body is not None:
        return _document(options.body, "--body", method, console)
    if method.name == "action":
        return None
    if console.reads_terminal:
        others = "" if method.body in _BATCH_BODIES else ", or --set NAME=VALUE for single fields"
        raise UsageError(f"--body: is missing: --body JSON, --body @FILE{others}")
    return _document("-", "--body", method, console)


def _document(source: str, option: str, method: Method, console: Console) -> Any:
    text = console.text(source, option)
    if method.body in _BATCH_BODIES:
        return json_values(text, option)
    return json_value(text, option, "--set NAME=VALUE gives single fields")
