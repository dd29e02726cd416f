"""Commands: how one is chosen, what its parser refuses, and the exit status in each case."""

from __future__ import annotations

import errno
import io
import warnings
from argparse import Namespace

import pytest

from restli_core import DecodeError, InvalidCallError, SuspiciousValueWarning, __version__, get
from restli_core.command_line.command import Command, Parser
from restli_core.command_line.console import Console
from restli_core.command_line.usage import UsageError
from restli_core.errors import ServiceError, TransportError
from restli_core.messages import HttpResponse
from tests.support.command_lines import Ran, refused, run_line

SECRET = "AQXhwW8wQ9sd"


def command_that(raises: BaseException) -> Command:
    def run(_options: Namespace, console: Console) -> int:
        console.write("begun")
        raise raises

    return Command("try", "Try it.", "", ("{prog} try",), lambda _: None, run)


def ran_with(raises: BaseException) -> Ran:
    return run_line("try", commands=[command_that(raises)])


@pytest.mark.parametrize(
    ("raised", "status", "err"),
    [
        (UsageError("it is wrong"), 2, "it is wrong"),
        (InvalidCallError("path_keys['id']", "is odd"), 2, "--key id: is odd"),
        (DecodeError("(a", 2, "expected more"), 2, "expected more, at position 2 of '(a'"),
        (TransportError("it\nbroke"), 1, "it broke"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (OSError("it broke"), 1, "it broke"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_one_line_and_a_status(raised: Exception, status: int, err: str) -> None:
    assert ran_with(raised) == Ran(status, "begun\n", f"restli try: {err}\n")


def test_advice_of_a_server_error_names_options() -> None:
    request = get("/me").request
    error = ServiceError(HttpResponse(400, {}, b""), request=request, message="bad", hint="set version_string")
    ran = ran_with(error)
    assert ran.status == 1
    assert ran.err.endswith("400: bad; set --version\n")


@pytest.mark.parametrize(("raised", "status"), [(KeyboardInterrupt(), 130), (BrokenPipeError(32, "Broken pipe"), 141)])
def test_an_interruption_and_a_closed_pipe_say_nothing(raised: BaseException, status: int) -> None:
    assert ran_with(raised) == Ran(status, "begun\n", "")


class Closed(io.StringIO):
    """A pipe that nobody reads any more, which is noticed when what is buffered goes out."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def flush(self) -> None:
        raise self._error


@pytest.mark.parametrize("line", ["encode 1", "--help", "encode --help", "--version"])
@pytest.mark.parametrize(("error", "status"), [(BrokenPipeError(), 141), (OSError(28, "It is full"), 1)])
def test_a_pipe_may_be_closed_at_the_end(line: str, error: OSError, status: int) -> None:
    ran = run_line(line, stdout=Closed(error))
    assert ran.status == status
    assert ran.err.endswith("" if status == 141 else ": It is full\n")


@pytest.mark.parametrize(
    ("error", "system", "status"),
    [
        (OSError(errno.EINVAL, "Invalid argument"), "nt", 141),
        (OSError(errno.EINVAL, "Invalid argument"), "posix", 1),
        (OSError(errno.EINVAL, "Invalid argument", "a file"), "nt", 1),
        (OSError(errno.ENOSPC, "It is full"), "nt", 1),
    ],
)
def test_windows_says_otherwise_that_a_pipe_is_closed(
    monkeypatch: pytest.MonkeyPatch, error: OSError, system: str, status: int
) -> None:
    monkeypatch.setattr("restli_core.command_line.command.os.name", system)
    ran = run_line("encode 1", stdout=Closed(error))
    monkeypatch.undo()
    assert (ran.status, bool(ran.err)) == (status, status == 1)


def test_warnings_are_notes_in_words_of_the_command_line() -> None:
    ran = run_line("curl get /x --param 'a=List(1,2)'")
    assert ran.status == 0
    assert ran.err == (
        "restli curl: warning: --param a: is Rest.li text, and is sent as a single text: write NAME:=VALUE, which "
        "takes JSON and Rest.li text\n"
    )


def test_a_warning_may_say_why_something_failed() -> None:
    def run(*_: object) -> int:
        warnings.warn("query_params: is odd", SuspiciousValueWarning, stacklevel=1)
        raise TransportError("it broke")

    ran = run_line("try", commands=[Command("try", "Try it.", "", (), lambda _: None, run)])
    assert ran == Ran(1, "", "restli try: warning: --param: is odd\nrestli try: it broke\n")


def test_other_warnings_are_left_to_python() -> None:
    def run(*_: object) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("of Python's", DeprecationWarning, stacklevel=1)
            warnings.warn("of ours", SuspiciousValueWarning, stacklevel=1)
        return 0

    ran = run_line("try", commands=[Command("try", "Try it.", "", (), lambda _: None, run)])
    assert ran.err == "restli try: warning: of ours\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_the_commands(option: str) -> None:
    ran = run_line(option)
    assert (ran.status, ran.err) == (0, "")
    assert "What it is about." in ran.out
    assert "\n  encode          Write a value of JSON as Rest.li text" in ran.out


def test_help_of_a_command_has_its_examples_even_where_arguments_are_missing_or_wrong() -> None:
    for line in ("curl --help", "curl get --help", "curl -h", "curl get /x --fields --help"):
        ran = run_line(line)
        assert (ran.status, ran.err) == (0, "") or "--fields" in line
    assert "examples:\n  restli curl get '/adAccounts/{id}' --key id=5001" in run_line("curl --help").out


@pytest.mark.parametrize(("line", "meant"), [("help", "--help"), ("help curl", "curl --help"), ("help x", "--help")])
def test_help_is_a_word_as_well(line: str, meant: str) -> None:
    assert run_line(line) == run_line(meant)


def test_the_version() -> None:
    assert run_line("--version") == Ran(0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "a command is missing: one of encode, decode, explain, curl, untunnel, versions, verify-webhook"),
        ("encod", "there is no command 'encod': did you mean encode? (see --help)"),
        ("zzz", "there is no command 'zzz' (see --help)"),
        ("--frob encode", "there is no option --frob (see --help)"),
        ("--versio", "there is no option --versio: did you mean --version? (see --help)"),
        ("--", "a command is missing"),
        ("encode --redu 1", "there is no option --redu: did you mean --reduced? (see --help)"),
        ("encode 1 2", "there is one argument too many: '2'; all but the first few have an option before them, and"),
        ("curl get /x --data 1", "there is no option --data: write --body (see --help)"),
        ("curl get_all /x --count=5", "there is no option --count: write --param count=N (see --help)"),
        ("curl delete /x --zzz", "there is no option --zzz (see --help)"),
        ("curl", "the following arguments are required: METHOD, PATH"),
        ("curl get", "the following arguments are required: PATH"),
        ("curl get /x --tunnel-above x", "argument --tunnel-above: invalid int value: 'x' (see --help)"),
        (f"curl get /x --access-token {SECRET}", "there is no option --access-token, since others can see"),
        (f"curl get /x --token={SECRET}", "there is no option --token, since others can see"),
        (f"curl get /x --passwd={SECRET}", "there is no option --passwd"),
    ],
)
def test_a_wrong_command_line_is_refused_in_a_line_without_secrets(line: str, reason: str) -> None:
    said = refused(line)
    assert said.startswith(reason)
    assert SECRET not in said


def test_options_may_stand_anywhere() -> None:
    outputs = {
        run_line(line).out
        for line in (
            "curl finder /adAccounts search --version 202609",
            "curl --version 202609 finder /adAccounts search",
            "curl finder --version 202609 /adAccounts search",
            "curl finder /adAccounts --version 202609 search",
            "curl finder /adAccounts --version=202609 -- search",
        )
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("decode -- -x", "-x"),
        ("encode --text -- --text", "--text"),
        ("encode -- -5", "-5"),
        ("encode -5", "-5"),
        ("encode 1 --", "1"),
        ("decode --json -- --", '"--"'),
    ],
)
def test_after_two_hyphens_nothing_is_an_option(line: str, out: str) -> None:
    assert run_line(line) == Ran(0, f"{out}\n", "")


def test_two_hyphens_end_the_values_of_an_option() -> None:
    line = "curl --version 202609 --ids 5 -6 -- batch_get /adAccounts"
    assert "ids=List(5,-6)" in run_line(line).out
    assert refused(f"{line} -x -y") == "there is no option -y (see --help)"


def test_options_are_found_by_name() -> None:
    parser = Parser(prog="x")
    parser.add_argument("--one", "-o")
    parser.add_argument("--two")
    assert [action.dest for action in parser.get_options(["-o", "--three"])] == ["one"]
