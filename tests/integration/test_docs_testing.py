"""docs/testing.md: its tests pass, and its recordings are made and replayed as they stand; a server is LinkedIn."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer
from tests.support.pages import programs_in, text_of

# Each run of pytest here would import what it needs anew.
for name in ("restli_transports.h11", "restli_transports.urllib3", "vcr"):
    import_module(name)

PAGE = text_of("docs/testing.md")
PLUGIN, _, RECORDINGS = PAGE.partition("\n## Recordings\n")
OPTIONS = (
    *("-W", "error", "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"),
    *(f"-pno:{name}" for name in ("cacheprovider", "cov", "xdist", "asyncio")),
)

pytestmark = pytest.mark.sockets


def blocks(part: str) -> list[str]:
    return programs_in(part)


def reaching(url: str, code: str) -> str:
    """Return a program whose clients reach a server in LinkedIn's place."""
    changed = code.replace("RestliClient(RequestsTransport()", f"RestliClient(RequestsTransport(), base_url={url!r}")
    return changed.replace("RestliClient(access_token", f"RestliClient(base_url={url!r}, access_token")


def test_the_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    tests = blocks(PLUGIN)
    pytester.makepyfile(**{f"test_{number}": code for number, code in enumerate(tests)})
    counts = pytester.runpytest_inprocess(*OPTIONS).parseoutcomes()
    assert counts.keys() == {"passed"}
    assert counts["passed"] >= len(tests) >= 4


def test_pytest_recording(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = [block for block in blocks(RECORDINGS) if "vcr_config" in block]
    with RestliServer(sample_handlers()) as server:
        pytester.makepyfile(reaching(server.base_url, code))
        monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "AQX-a-token")
        pytester.runpytest_inprocess(*OPTIONS, "--record-mode=once").assert_outcomes(passed=1)
        assert server.received[0].request is not None
        assert server.received[0].request.headers["Authorization"] == "Bearer AQX-a-token"
    monkeypatch.delenv("LINKEDIN_ACCESS_TOKEN")
    pytester.runpytest_inprocess(*OPTIONS, "--block-network").assert_outcomes(passed=1)
    (cassette,) = pytester.path.glob("cassettes/*/*.yaml")
    assert "AQX-a-token" not in cassette.read_text(encoding="utf-8")


def test_the_recorder_of_responses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, replay = (block for block in blocks(RECORDINGS) if "vcr_config" not in block)
    monkeypatch.chdir(tmp_path)
    with RestliServer(sample_handlers()) as server:
        url = server.base_url
        exec(reaching(url, record), {})
        assert len(server.received) == 1
    exec(reaching(url, replay), {})
    assert "localizedFirstName" in (tmp_path / "me.yaml").read_text(encoding="utf-8")
