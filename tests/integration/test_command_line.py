"""The command line as a process: pipes, terminals, encodings, interruptions, and calls over sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from restli_transports.command_line.entry import main
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer
from tests.support.source_tree import ROOT

ENVIRON = {
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")]),
    "PYTHONUNBUFFERED": "",  # what is written is buffered, as usual, whatever this process was told
    "TERM": "xterm",
}
CORE, WHOLE = ([sys.executable, "-m", name] for name in ("restli_core", "restli_transports"))

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals as POSIX has them")


def started(
    command: list[str],
    *,
    env: Mapping[str, str] | None = None,
    stdin: int = subprocess.PIPE,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    around = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environ = {**around, **ENVIRON, **(env or {})}
    return subprocess.Popen(command, env=environ, stdin=stdin, stdout=stdout, stderr=stderr)


def interrupted(process: subprocess.Popen[bytes]) -> int:
    """Interrupt a process until it ends, and return its exit status.

    Once may not be enough: where a signal comes right before Python waits in the system, it is seen after that.
    """
    for _ in range(30):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=2)
    process.kill()
    return process.wait()


@posix
def test_who_reads_no_more_is_no_error() -> None:
    process = started([*CORE, "decode"])
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    # More than any buffer holds, so that writing fails, and not only the last flush.
    process.stdin.write(f"List({','.join(['a' * 100] * 20_000)})".encode())
    process.stdin.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@posix
def test_an_interruption_leaves_no_traceback() -> None:
    process = started([*CORE, "decode", "@/dev/stdin", "--json"])
    assert process.stdin
    assert process.stdout
    assert process.stderr
    # It has read what fills more than a pipe, and so it waits for more when it is interrupted.
    process.stdin.write(b"a" * 1_000_000)
    process.stdin.flush()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=0.3)  # for more of it
    assert interrupted(process) == 130
    assert (process.stdout.read(), process.stderr.read()) == (b"", b"")
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


@posix
def test_where_nobody_can_be_told_of_a_mistake_the_status_still_says_it() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this machine")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = started([*CORE, "encode", "--nothing"], stdout=full.fileno(), stderr=full.fileno())
        process.communicate()
    assert process.returncode == 2


@posix
def test_a_full_disk_is_told_of_in_a_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this machine")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = started([*CORE, "encode", "1"], stdout=full.fileno())
        _, err = process.communicate()
    assert err == b"python -m restli_core encode: No space left on device\n"
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("encoding", "out"),
    [
        ("ascii", "map of 1\n`- caf\\xe9: \\U0001f600\n"),
        ("cp1252", "map of 1\n`- caf\u00e9: \\U0001f600\n"),
    ],
)
def test_an_encoding_that_lacks_characters_is_no_error(encoding: str, out: str) -> None:
    process = started([*CORE, "decode"], env={"PYTHONIOENCODING": encoding})
    # What is read is UTF-8, whatever is written.
    written, err = process.communicate("(café:😀)".encode())
    assert (process.returncode, err) == (0, b"")
    assert written.decode(encoding).replace("\r\n", "\n") == out


def on_terminal(command: list[str], **environ: str) -> str:
    """Run a command whose output is a terminal, and return what it shows."""
    import pty

    leader, follower = pty.openpty()
    with started(command, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=environ) as process:
        os.close(follower)
        shown = b""
        try:
            while piece := os.read(leader, 1 << 16):
                shown += piece
        except OSError:  # as Linux says that the other end is closed
            pass
        assert process.wait() == 0
    os.close(leader)
    return shown.decode().replace("\r\n", "\n")


@posix
@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, "\x1b[2mmap of 1\x1b[0m\n└─ \x1b[34ma:\x1b[0m 1\n"),
        ({"NO_COLOR": "1"}, "map of 1\n└─ a: 1\n"),
    ],
    ids=["colours", "NO_COLOR"],
)
def test_a_terminal_shows_colours_unless_they_are_not_wanted(environ: dict[str, str], shown: str) -> None:
    assert on_terminal([*CORE, "decode", "(a:1)"], PYTHONIOENCODING="utf-8", **environ) == shown


@posix
@pytest.mark.sockets
def test_serve_answers_call_until_it_is_interrupted() -> None:
    server = started([*WHOLE, "serve", "--port", "0"])
    assert server.stdout
    assert server.stderr
    greeting = server.stdout.readline().decode()
    base_url = greeting.split(" at ")[1].split()[0]
    call = started([*WHOLE, "call", "get", "/me"], env={"LINKEDIN_BASE_URL": base_url, "LINKEDIN_ACCESS_TOKEN": ""})
    out, err = call.communicate()
    assert (call.returncode, err) == (0, b"")
    assert json.loads(out)["id"] == "yrZCpj2Z12"
    assert interrupted(server) == 0
    with server:
        assert f"export LINKEDIN_BASE_URL={base_url}".encode() in server.stdout.read()
        assert server.stderr.read() == b""


@pytest.mark.sockets
@pytest.mark.parametrize("transport", ["urllib3", "h11"])
def test_all_pages_over_sockets(
    transport: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LINKEDIN_ACCESS_TOKEN", raising=False)
    with RestliServer(sample_handlers(), base_path="/rest") as server:
        monkeypatch.setenv("LINKEDIN_BASE_URL", server.base_url)
        line = f"call get_all /adAccounts --param count=7 --fields id --all --transport {transport}"
        assert main(line.split()) == 0
        assert len(server.received) == 4
    out, err = capsys.readouterr()
    assert err == ""
    assert [json.loads(line)["id"] for line in out.splitlines()] == [*range(5001, 5026)]
