"""versions and verify-webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from restli_core.linkedin.versions import ends, known_versions
from restli_core.linkedin.webhooks import challenge_answer
from tests.support.command_lines import TODAY, Ran, refused, run_line

SECRET = "s3same-s3same"
BODY = '{"id": "é"}'.encode()


def test_all_versions_are_listed() -> None:
    lines = run_line("versions").out.splitlines()
    assert [line.split()[0] for line in lines] == [*known_versions()]
    assert lines[-1] == "202609  ends on 2027-09-15  newest"
    for line in lines:
        version, state, _, day, *_ = line.split()
        assert day == str(ends(version))
        assert state == ("ended" if ends(version) <= TODAY else "ends")


def test_the_newest_on_a_day_that_all_have_ended() -> None:
    assert "newest" not in run_line("versions --on 2030-01-01").out


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("versions 202609", 0, "version 202609 ends on 2027-09-15\n"),
        ("versions 202511", 0, "version 202511 of LinkedIn's marketing APIs ends on 2026-11-16, in 15 days; "),
        ("versions 202511 --on 2026-11-16", 1, "version 202511 of LinkedIn's marketing APIs ended on 2026-11-16; "),
    ],
)
def test_one_version(line: str, status: int, said: str) -> None:
    ran = run_line(line)
    assert (ran.status, ran.err) == (status, "")
    assert ran.out.startswith(said)
    assert "version_string" not in ran.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("versions 2026", "version: must be YYYYMM, such as 202601"),
        ("versions --on tomorrow", "--on: must be a day, as YYYY-MM-DD"),
    ],
)
def test_what_is_not_a_version_or_a_day_is_refused(line: str, said: str) -> None:
    assert refused(line) == said


def signature_of(message: bytes) -> str:
    return hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("signature", "option", "status"),
    [
        (f"hmacsha256={signature_of(b'hmacsha256=' + BODY)}", "", 0),
        (signature_of(b"hmacsha256=" + BODY), "", 0),
        (signature_of(BODY), "--bare-body", 0),
        (signature_of(BODY), "", 1),
        ("x", "", 1),
    ],
)
def test_a_signature_is_checked(signature: str, option: str, status: int, tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(BODY)
    environ = {"LINKEDIN_CLIENT_SECRET": SECRET}
    for source in ("", "-", f"@{path}", f"'{BODY.decode()}'"):
        ran = run_line(f"verify-webhook {option} --signature {signature} {source}", BODY, environ)
        assert (ran.status, ran.err) == (status, "")
        assert ran.out.startswith("the signature is that" if status == 0 else "the signature is NOT that")


def test_a_challenge_is_answered() -> None:
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    ran = run_line(f"verify-webhook --challenge {code}", environ={"LINKEDIN_CLIENT_SECRET": SECRET})
    assert ran == Ran(0, f"{json.dumps(challenge_answer(code, SECRET))}\n", "")


@pytest.mark.parametrize(
    ("line", "environ", "said"),
    [
        ("verify-webhook --challenge a", {}, "the application's client secret is missing: set the variable LINKEDIN_C"),
        ("verify-webhook", {}, "one of the arguments --signature --challenge is required"),
        ("verify-webhook --challenge '{a}'", {"LINKEDIN_CLIENT_SECRET": SECRET}, "code: reads as what is signed for"),
        ("verify-webhook --challenge a", {"LINKEDIN_CLIENT_SECRET": "a\nb"}, "secret: "),
    ],
)
def test_what_cannot_be_verified_is_refused(line: str, environ: dict[str, str], said: str) -> None:
    answer = refused(line, environ=environ)
    assert answer.startswith(said)
    assert SECRET not in answer
