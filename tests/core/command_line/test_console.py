"""The console: what is read and written, whatever the process around it is like."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from restli_core.command_line.console import Console
from restli_core.command_line.usage import UsageError
from tests.support.command_lines import Encoded, Keyboard, Terminal, console_of


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("café\n".encode(), "café\n"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        ("\ufeffcafé".encode("utf-16-le"), "café"),  # what PowerShell's > writes
        ("\ufeffcafé".encode("utf-16-be"), "café"),
        (b"", ""),
    ],
    ids=["utf-8", "mark", "utf-16-le", "utf-16-be", "empty"],
)
@pytest.mark.parametrize("source", ["-", "@-", "@file"])
def test_text_is_read(content: bytes, text: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_bytes(content)
    assert console_of(content).text(source, "the text") == text


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_last_line_of_a_text_has_an_end_that_is_not_of_the_text(end: str) -> None:
    assert console_of(f"a\n\n{end}".encode()).bare_text("-", "the text") == ("a\n\n" if end else "a\n")
    assert console_of().bare_text(f"a{end}", "the text") == f"a{end}"  # nobody types one that is not meant


@pytest.mark.parametrize(("content", "place"), [(b"caf\xe9", 3), (b"\xef\xbb\xbf\xff", 3)])
def test_what_is_not_utf_8_is_refused(content: bytes, place: int) -> None:
    with pytest.raises(UsageError, match=rf"^the text: is not UTF-8, at byte {place}$"):
        console_of(content).text("-", "the text")


def test_bytes_of_an_argument_are_those_that_were_typed() -> None:
    # What Python makes of an argument that is not of the file system's encoding.
    assert console_of().content("caf\udce9", "the body") == b"caf\xe9"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^the text: is not text that can be sent, at character 1$"):
        console_of().text("a\ud800", "the text")


@pytest.mark.parametrize("name", ["none", "a\0b", ""])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^the body: cannot read the file '"):
        console_of().content(f"@{name}", "the body")


def test_standard_input_is_read_once() -> None:
    console = console_of(b"a")
    assert console.read("the first") == b"a"
    with pytest.raises(
        UsageError, match=r"^the second: cannot come from standard input as well, which the first comes"
    ):
        console.read("the second")


def test_there_may_be_no_standard_input() -> None:
    console = console_of(None)
    assert console.reads_terminal
    with pytest.raises(UsageError, match="there is no standard input"):
        console.read("the text")


@pytest.mark.parametrize(("system", "key"), [("posix", "Ctrl-D"), ("nt", "Ctrl-Z")])
def test_who_types_is_told_how_to_end(system: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    console = console_of(Keyboard(b"a"))
    assert console.reads_terminal
    monkeypatch.setattr("restli_core.command_line.console.os.name", system)
    assert console.read("the text") == b"a"
    assert isinstance(console.stderr, io.StringIO)
    assert console.stderr.getvalue() == f"reading the text from the terminal; end it with {key}\n"


def test_a_note_is_one_line_without_controls() -> None:
    console = console_of()
    console.note("a\nb\x1b[31m")
    assert isinstance(console.stderr, io.StringIO)
    assert console.stderr.getvalue() == "a b\\x1b[31m\n"


@pytest.mark.parametrize(
    ("stream", "environ", "has_colours"),
    [
        (io.StringIO, {}, False),
        (Terminal, {}, True),
        (Terminal, {"NO_COLOR": ""}, True),  # as https://no-color.org has it
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_people_who_want_them(
    stream: type[io.StringIO], environ: dict[str, str], has_colours: bool
) -> None:
    console = console_of(environ=environ, stdout=stream())
    assert console.has_colours is (has_colours and os.name != "nt")
    assert console.is_terminal is (stream is Terminal)
    assert console.painted("a", "red") == ("\x1b[31ma\x1b[0m" if console.has_colours else "a")


@pytest.mark.parametrize(("environ", "has_colours"), [({}, False), ({"WT_SESSION": "1"}, True), ({"TERM": "x"}, True)])
def test_the_older_console_of_windows_gets_none(
    environ: dict[str, str], has_colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restli_core.command_line.console.os.name", "nt")
    assert console_of(environ=environ, stdout=Terminal()).has_colours is has_colours


@pytest.mark.parametrize(("stream", "can_print"), [(io.StringIO, True), (Encoded, False)])
def test_an_encoding_may_lack_characters(stream: type[io.StringIO], can_print: bool) -> None:
    assert console_of(stdout=stream()).can_print("├") is can_print


def test_that_of_the_process_takes_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", newline="\n"))
    console = Console.of_process()
    console.write("café ├ \ud800")
    console.flush()
    assert raw.getvalue() == b"caf\xe9 \\u251c \\ud800\n"


def test_a_process_may_have_no_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    streams: Any = None  # as a program of Windows without a console
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, streams)
    console = Console.of_process()
    console.note("b")
    console.flush()
    assert console.reads_terminal
    with pytest.raises(OSError, match="standard output is closed"):
        console.write("a")  # a status of 0 would say that it has been written


class Full(io.StringIO):
    """A stream to a disk that is full."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_note_that_nobody_can_read_is_no_error() -> None:
    console_of(stderr=Full()).note("a")


def test_a_note_comes_after_what_was_written_before_it() -> None:
    order: list[str] = []

    class Stream(io.StringIO):
        def flush(self) -> None:
            order.append(self.getvalue())

    console = console_of(stdout=Stream(), stderr=Stream())
    console.write("a")
    console.note("b")
    assert order == ["a\n", "b\n"]
