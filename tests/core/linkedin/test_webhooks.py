"""Webhooks: answers to challenges, and signatures of notifications."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import traceback
from typing import Any

import pytest

from restli_core.base_errors import InvalidCallError
from restli_core.linkedin import webhooks
from restli_core.linkedin.webhooks import challenge_answer, challenge_response, verify

SECRET = "WPL_AP1.Q7secretQ7=="
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
BODY = '{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"notificationId":7,"text":"Ä"}]}'.encode()

# Made by `openssl dgst -sha256 -hmac`, of CODE, of "hmacsha256=" and BODY, and of BODY.
RESPONSE = "b4275021c992224b5e46565b5978c03217601aca2e1f57a318e0d2575125a6ea"
SIGNATURE = "3a84b188c8d3b985740156504f93006487464b6634ad0020ae0590123aafb741"
BARE_SIGNATURE = "c2b20f9944130a1984b3103c915b542bcecd91c3257e01a19e7a9160217afef1"


def test_a_challenge_is_answered_with_its_hash() -> None:
    assert challenge_response(CODE, SECRET) == RESPONSE
    assert challenge_answer(CODE, SECRET) == {"challengeCode": CODE, "challengeResponse": RESPONSE}


def test_any_code_that_is_not_a_notification_is_answered() -> None:
    for code in ("7", "a code of any kind", "Ä", "x{}", "HMACSHA256=", "xhmacsha256="):
        expected = hmac.digest(SECRET.encode(), code.encode(), "sha256").hex()
        assert challenge_response(code, SECRET) == expected


@pytest.mark.parametrize("signature", [SIGNATURE, f"hmacsha256={SIGNATURE}", SIGNATURE.encode()], ids=range(3))
@pytest.mark.parametrize("body", [BODY, bytearray(BODY), memoryview(BODY)], ids=["bytes", "bytearray", "memoryview"])
def test_a_notification_of_linkedins_is_known_by_its_signature(body: bytes, signature: str | bytes) -> None:
    assert verify(body, signature, SECRET) is True
    assert verify(body, signature, SECRET, bare_body=False) is True


@pytest.mark.parametrize("prefix", ["", "hmacsha256="])
def test_a_signature_of_the_body_alone_is_right_where_it_is_asked_for(prefix: str) -> None:
    assert verify(BODY, prefix + BARE_SIGNATURE, SECRET, bare_body=True) is True
    assert verify(BODY, prefix + BARE_SIGNATURE, SECRET) is False
    assert verify(BODY, prefix + SIGNATURE, SECRET, bare_body=True) is False


ODD: dict[str, Any] = {
    "none": None,
    "empty": "",
    "the prefix alone": "hmacsha256=",
    "the prefix twice": f"hmacsha256=hmacsha256={SIGNATURE}",
    "another prefix": f"sha256={SIGNATURE}",
    "a prefix in capitals": f"HMACSHA256={SIGNATURE}",
    "capitals": SIGNATURE.upper(),
    "white space before": f" {SIGNATURE}",
    "white space after": f"{SIGNATURE}\n",
    "white space between": f"hmacsha256= {SIGNATURE}",
    "too short": SIGNATURE[:-1],
    "too long": f"{SIGNATURE}0",
    "two": f"{SIGNATURE}, {SIGNATURE}",
    "base64": base64.b64encode(bytes.fromhex(SIGNATURE)).decode(),
    "its bytes": bytes.fromhex(SIGNATURE),
    "not hex": "g" * 64,
    "not ASCII": "Ä" * 64,
    "digits of another alphabet": SIGNATURE.translate({ord("0") + n: 0x660 + n for n in range(10)}),
    "a lone surrogate": "\ud800" * 64,
    "a number": int(SIGNATURE, 16),
    "a list": [SIGNATURE],
    "of another body": BARE_SIGNATURE,
}


@pytest.mark.parametrize("signature", ODD.values(), ids=ODD)
def test_an_odd_signature_is_not_right(signature: Any) -> None:
    assert verify(BODY, signature, SECRET) is False


@pytest.mark.parametrize("body", [b"", BODY + b"\n", BODY[:-1], BODY.replace(b"7", b"8")], ids=range(4))
def test_another_body_is_not_right(body: bytes) -> None:
    assert verify(body, SIGNATURE, SECRET) is False


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []

    def compare_digest(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return bool(one == other)

    monkeypatch.setattr(webhooks.hmac, "compare_digest", compare_digest)  # type: ignore[attr-defined]
    assert verify(BODY, "x", SECRET) is False
    assert verify(BODY, SIGNATURE, SECRET) is True
    assert compared == [(b"x", SIGNATURE.encode()), (SIGNATURE.encode(), SIGNATURE.encode())]


@pytest.mark.parametrize("secret", ["", None, b"bytes", f"{SECRET}\n", f'"{SECRET}"', "a\0b"], ids=range(6))
def test_a_secret_that_cannot_be_one_is_refused(secret: Any) -> None:
    for attempt in (
        lambda: verify(BODY, SIGNATURE, secret),
        lambda: challenge_response(CODE, secret),
        lambda: challenge_answer(CODE, secret),
    ):
        with pytest.raises(InvalidCallError) as caught:
            attempt()
        assert caught.value.argument == "secret"


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None, 7, [BODY]], ids=range(5))
def test_a_body_that_was_read_is_refused_with_the_cure(body: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^body: must be bytes, as they came: the raw body of the request"):
        verify(body, SIGNATURE, SECRET)


@pytest.mark.parametrize(
    "code",
    [
        *("", None, 7, b"890e4665", "\ud800", "a\nb"),
        f"hmacsha256={BODY.decode()}",
        "hmacsha256=",
        BODY.decode(),
        "[]",
        f"  {BODY.decode()}",
        f"\ufeff{BODY.decode()}",
    ],
    ids=range(12),
)
def test_a_code_that_linkedin_does_not_send_is_refused(code: Any) -> None:
    for function in (challenge_response, challenge_answer):
        with pytest.raises(InvalidCallError) as caught:
            function(code, SECRET)
        assert caught.value.argument == "code"


def test_a_challenge_gives_nobody_a_signature() -> None:
    # The same key signs both: whoever gets an answer to this code can send the notification.
    for code, bare_body in ((f"hmacsha256={BODY.decode()}", False), (BODY.decode(), True)):
        signature = hmac.new(SECRET.encode(), code.encode(), hashlib.sha256).hexdigest()
        assert verify(BODY, signature, SECRET, bare_body=bare_body)
        with pytest.raises(InvalidCallError, match="signed for a notification"):
            challenge_response(code, SECRET)


def test_no_error_shows_the_secret() -> None:
    for attempt in (
        lambda: verify(BODY.decode(), SIGNATURE, SECRET),  # type: ignore[arg-type]
        lambda: challenge_response("", SECRET),
        lambda: challenge_answer("", SECRET),
        lambda: verify(BODY, SIGNATURE, f"{SECRET} "),
    ):
        with pytest.raises(InvalidCallError) as caught:
            attempt()
        shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [frame for frame in shown.stack if "restli_core" in frame.filename]
        assert ours
        assert [frame for frame in ours if any(SECRET in value for value in (frame.locals or {}).values())] == []
        assert SECRET not in f"{caught.value}{caught.value!r}"
