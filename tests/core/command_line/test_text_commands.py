"""encode and decode: what the functions write and read, from arguments and from pipes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_lines import Ran, Terminal, refused, run_line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("""encode '{"a": [1, "b,c"], "é": true}'""", "(a:List(1,b%2Cc),%C3%A9:true)"),
        ("""encode --reduced '["a b", "c,d"]'""", "List(a b,c%2Cd)"),
        ("""encode --params '{"q": "search", "a": {"b": 1}, "none": null}'""", "a=(b:1)&q=search"),
        ("encode --text urn:li:person:1", "urn%3Ali%3Aperson%3A1"),
        ("encode --text ''", "''"),
        ("encode 'List(a,b)'", "List(a,b)"),  # Rest.li text is as good as JSON
        ("encode 2.50", "2.5"),
    ],
)
def test_encode(line: str, text: str) -> None:
    assert run_line(line) == Ran(0, f"{text}\n", "")


@pytest.mark.parametrize("line", ["encode", "encode -", "encode --text", "encode --text -"])
def test_encode_reads_standard_input(line: str) -> None:
    piped = b"a:b\r\n" if "--text" in line else b' "a:b" \n'
    assert run_line(line, piped) == Ran(0, "a%3Ab\n", "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("encode urn:li:person:1", "the value: is not JSON: Expecting value, at line 1 column 1; --text takes it as"),
        ("encode --params []", "the value: must be an object with --params"),
        ("encode null", "value: "),
        ("encode --params --reduced {}", "argument "),
        ("encode @nowhere", "the value: cannot read the file 'nowhere'"),
    ],
)
def test_encode_refuses(line: str, said: str) -> None:
    assert refused(line).startswith(said)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("decode '(a:List(1,2),b:%C3%A9)'", "map of 2\n├─ a: list of 2\n│  ├─ 0. 1\n│  └─ 1. 2\n└─ b: é"),
        ("decode --json '(a:List(1,2),b:%C3%A9)'", '{"a": ["1", "2"], "b": "é"}'),
        ("decode --params --json '?q=search&a=(b:1)'", '{"q": "search", "a": {"b": "1"}}'),
        ("decode abc", "abc"),
    ],
)
def test_decode(line: str, text: str) -> None:
    assert run_line(line) == Ran(0, f"{text}\n", "")


@pytest.mark.parametrize("line", ["decode --json", "decode --json -", "decode --json @{file}"])
def test_decode_reads_pipes_and_files(line: str, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"List(a)\r\n")
    assert run_line(line.replace("{file}", str(path)), b"List(a)\r\n") == Ran(0, '["a"]\n', "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("decode 'List(a'", "the text: unexpected end of input, at position 6 of 'List(a'"),
        ("decode 'a=(b'", "the text: expected the end but found '(', at position 2 of 'a=(b'; for a query there is"),
        (
            "decode https://x.y/z",
            "the text: expected the end but found ':', at position 5 of 'https://x.y/z'; for a URL",
        ),
        ("decode %4", "the text: the percent-escape is cut short"),
    ],
)
def test_decode_refuses(line: str, said: str) -> None:
    assert refused(line).startswith(said)


def test_a_query_that_is_read_as_a_text_is_noted() -> None:
    ran = run_line("decode 'q=search&a=1'")
    assert ran == Ran(0, "q=search&a=1\n", "note: this is a single text; for a query there is --params\n")
    assert run_line("decode a=b").err == ""


def test_a_tree_has_colours_on_a_terminal() -> None:
    ran = run_line("decode '(a:1)'", environ={"TERM": "xterm"}, stdout=Terminal())
    assert ran.out == "\x1b[2mmap of 1\x1b[0m\n└─ \x1b[34ma:\x1b[0m 1\n"


def test_a_text_that_moves_the_cursor_is_shown_by_escapes() -> None:
    for option in ("", "--json"):
        assert json.loads(run_line(f"decode {option} %1B%5B2J").out) == "\x1b[2J"
