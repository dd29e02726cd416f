"""The command line of journals: what is unknown is listed, and sent again where somebody says so."""

from __future__ import annotations

from pathlib import Path

import pytest

import restli_core as restli
from restli_core import HttpResponse
from restli_core.errors import TransportTimeout
from restli_transports.journal import Journal, identify
from restli_transports.journal.__main__ import main

REQUEST = restli.create("/adAccounts", {"name": "Summer"}).request
IDENTITIES = [identify(REQUEST, number, "create /adAccounts") for number in range(1, 4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    with Journal(path) as journal:
        for identity in IDENTITIES:
            journal.note("intent", identity)
        journal.note("outcome", IDENTITIES[1], response=HttpResponse(201), request=REQUEST)
        journal.note("lost", IDENTITIES[2], error=TransportTimeout("read timed out"))
    return path


def test_it_lists_what_is_unknown(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1  20")
    assert first.endswith("Z  create /adAccounts")
    assert second.endswith("Z  create /adAccounts  read timed out")


def test_one_of_them_is_sent_again(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path), "--send-again", "1"]) == 0
    with Journal(path) as journal:
        assert [line.identity for line in journal.unknown()] == [IDENTITIES[2]]
        found = journal.find(IDENTITIES[0])
        assert found is not None
        assert found.event == "unsent"
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("number", ["0", "3", "-1"])
def test_what_is_not_in_the_list_is_refused(path: Path, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = path.read_bytes()
    with pytest.raises(SystemExit) as ended:
        main([str(path), f"--send-again={number}"])
    assert ended.value.code == 1
    assert f"no number {number} among 2" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"a,b\n", b'{"restli_journal":1,"kind":"other"}\n'], ids=repr)
def test_what_is_no_journal_is_refused_and_left(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(SystemExit) as ended:
        main([str(path)])
    assert ended.value.code == 1
    assert capsys.readouterr().err
    assert (path.read_bytes() if path.exists() else None) == content


def test_one_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path / "other")])
    assert capsys.readouterr().err == f"{tmp_path / 'other'} is not there\n"
    assert not (tmp_path / "other").exists()


def test_one_that_is_in_use_is_left_alone(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Journal(path), pytest.raises(SystemExit):
        main([str(path)])
    assert "is in use" in capsys.readouterr().err
