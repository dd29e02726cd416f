"""Text commands: values to Rest.li's text, and Rest.li's text to values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from restli_core.base_errors import DecodeError
from restli_core.command_line.command import Command, Parser
from restli_core.command_line.inputs import json_value
from restli_core.command_line.outputs import json_text, tree_lines
from restli_core.command_line.usage import UsageError
from restli_core.encoding import decode, encode, param_decode, param_encode, reduced_encode

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console

__all__ = ["DECODE", "ENCODE"]


def _add_encode(parser: Parser) -> None:
    parser.add_argument("value", nargs="?", default="-", metavar="JSON", help="the value; - or nothing: standard input")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--params", action="store_true", help="an object of parameters, as a query")
    form.add_argument("--reduced", action="store_true", help="the form of headers and bodies, with fewer escapes")
    parser.add_argument("--text", action="store_true", help="the value is plain text, and not JSON")


def _encode(options: Namespace, console: Console) -> int:
    text = console.bare_text(options.value, "the value")
    value: Any = text if options.text else json_value(text, "the value", "--text takes it as plain text")
    if not options.params:
        console.write(reduced_encode(value) if options.reduced else encode(value))
        return 0
    if not isinstance(value, dict):
        raise UsageError('the value: must be an object with --params, such as {"q": "search"}')
    console.write(param_encode(value, "parameters"))
    return 0


ENCODE: Final = Command(
    "encode",
    "Write a value of JSON as Rest.li text, as it stands in URLs.",
    "",
    (
        """{prog} encode '{"status": {"values": ["ACTIVE", "DRAFT"]}}'""",
        """{prog} encode --params '{"q": "search", "ids": [1, 2]}'""",
        "{prog} encode --text urn:li:person:1",
        "echo '[\"a,b\"]' | {prog} encode --reduced",
    ),
    _add_encode,
    _encode,
)


def _add_decode(parser: Parser) -> None:
    parser.add_argument("text", nargs="?", default="-", metavar="TEXT", help="the text; - or nothing: standard input")
    parser.add_argument("--params", action="store_true", help="the text is a query, of parameters")
    parser.add_argument("--json", action="store_true", help="print JSON on one line, and no tree")


def _decode(options: Namespace, console: Console) -> int:
    text = console.bare_text(options.text, "the text")
    try:
        value: Any = param_decode(text.removeprefix("?")) if options.params else decode(text)
    except DecodeError as error:
        raise UsageError(f"the text: {error}{_cure(text)}") from None
    if options.json:
        console.write(json_text(value, console))
    else:
        for line in tree_lines(value, console):
            console.write(line)
    if value == text and "=" in text and "&" in text:
        console.note(f"note: this is a single text{_cure(text)}")
    return 0


def _cure(text: str) -> str:
    if text.startswith(("http://", "https://")):
        return "; for a URL there is the command explain"
    return "; for a query there is --params" if "=" in text else ""


DECODE: Final = Command(
    "decode",
    "Show what Rest.li text means, as a tree or as JSON.",
    "All leaves are text: what type a value is of, the text does not say.",
    (
        "{prog} decode '(status:(values:List(ACTIVE,DRAFT)))'",
        "{prog} decode --json 'List(1,(name:caf%C3%A9))'",
        "{prog} decode --params 'q=search&search=(test:true)'",
        "echo 'List(a,b)' | {prog} decode",
    ),
    _add_decode,
    _decode,
)
