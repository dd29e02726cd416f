from __future__ import annotations

import os
import subprocess
import sys

import pytest

from restli_core.methods import METHODS
from restli_transports import demo
from restli_transports.testing.handlers import Handlers
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINKEDIN_ACCESS_TOKEN", raising=False)


@pytest.mark.parametrize("transport", ["urllib3", "requests", "httpx", "httpx-async", "h11", "h11-async", "aiohttp"])
def test_every_method_comes_out_as_it_should(transport: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--transport", transport]) == 0
    *calls, verdict = capsys.readouterr().out.splitlines()
    assert verdict == "All as expected."
    assert {line.split()[0] for line in calls} == set(METHODS)
    assert any("(GET, tunnelled)" in line and "399 of 400" in line for line in calls)
    assert any(": 422: Content is a duplicate" in line and "DUPLICATE_POST" in line for line in calls)


def test_it_runs_in_memory_whatever_token_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "sesame-7")
    assert demo.main(["--transport", "fake"]) == 0
    *calls, verdict = capsys.readouterr().out.splitlines()
    assert verdict == "All as expected."
    assert {line.split()[0] for line in calls} == set(METHODS)
    with pytest.raises(SystemExit, match="2"):
        demo.main(["--transport", "fake", "--base-url", "http://127.0.0.1:1"])
    assert "the fake one does not" in capsys.readouterr().err


def test_in_memory_it_needs_no_library() -> None:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        f"sys.modules.update(dict.fromkeys(('h11', 'anyio', 'urllib3', 'requests', 'httpx', 'socketserver')))\n"
        "from restli_transports import demo; sys.exit(demo.main(['--transport', 'fake']))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert run.stdout.endswith("All as expected.\n"), run.stderr


def test_it_shows_what_the_terminal_has_no_characters_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "restli_transports.demo", "--transport", "fake"],
        check=True,
        capture_output=True,
        encoding="ascii",
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=60,
    )
    assert done.stdout.endswith("All as expected.\n")
    assert r"\u2026" in done.stdout


def test_it_runs_as_the_readme_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "restli_transports.demo"], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.endswith("All as expected.\n")


def test_a_service_is_only_read_from(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "sesame-7")
    with RestliServer(sample_handlers(), base_path="/rest") as server:
        assert demo.main(["--base-url", server.base_url, "--version-string", "202512"]) == 0
        requests = [received.request for received in server.received if received.request is not None]
    assert {request.headers["X-RestLi-Method"] for request in requests} == {"GET", "FINDER", "BATCH_GET"}
    assert {request.headers["Authorization"] for request in requests} == {"Bearer sesame-7"}
    assert {request.headers["LinkedIn-Version"] for request in requests} == {"202512"}
    assert "sesame" not in capsys.readouterr().out


def test_a_service_that_refuses_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    with RestliServer(Handlers(), raise_errors=False) as server:
        assert demo.main(["--base-url", server.base_url]) == 1
    assert ": 404: No resource is defined" in capsys.readouterr().out


def test_a_service_that_is_not_there_is_told_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)  # for waits of no length
    with RestliServer() as server:
        base_url = server.base_url
    assert demo.main(["--base-url", base_url]) == 1
    assert "ConnectError: " in capsys.readouterr().out


def test_what_comes_out_wrong_is_told_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def forgetful() -> Handlers:
        handlers = sample_handlers()
        handlers.on("/images/{urn}", "action", lambda _: {"image": "another"}, name="initializeUpload")
        handlers.on("/posts/{urn}", "create", lambda _: "urn:li:share:1")
        handlers.on("/posts/{urn}", "get", lambda _: {"commentary": "Sans-IO is a fine idea."})
        return handlers

    monkeypatch.setattr(demo, "sample_handlers", forgetful)
    assert demo.main([]) == 1
    printed = capsys.readouterr().out
    assert "WRONG: expected UnprocessableEntityError" in printed
    assert "WRONG: expected urn:li:image:" in printed
    assert printed.endswith("Something went wrong.\n")
