"""Webhooks: what a receiver of LinkedIn's notifications needs, without I/O.

    challenge    GET {url}?challengeCode={code}       before it sends anything, and every 2 hours, LinkedIn asks whether
                                                      the receiver knows the application's client secret

                 challengeResponse = hex(HMAC-SHA256(key = secret, message = code))

    delivery     POST {url}, with the header X-LI-Signature

                 signature = [ "hmacsha256=" ] hex(HMAC-SHA256(key = secret, message = "hmacsha256=" body))

Hex is in lower case. The page has of the signature that it is "the HMACSHA256 hash of the JSON-encoded string
representation of the POST body prefixed by hmacsha256=". Some read it so that the prefix is the header's, and the hash
that of the body alone: `bare_body` is for these.

Source: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation

A challenge is answered with the same key that signs notifications, whoever asks. A code "hmacsha256={...}" would have
its asker given the signature of the notification {...}. LinkedIn's codes are UUIDs; a code that could be what is signed
for a notification is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.oauth.arguments import check_credential, check_text

__all__ = ["SIGNATURE_HEADER", "challenge_answer", "challenge_response", "verify"]

SIGNATURE_HEADER: Final = "X-LI-Signature"
"""The header of a delivery that has its signature."""

_PREFIX: Final = b"hmacsha256="
# What is signed for a notification: a prefix and its body; or its body alone, a JSON object or list, with a byte order
# mark and white space before it if need be. (In UTF-16 or UTF-32 it would have a NUL, which no code may have.)
_SIGNED: Final = re.compile(r"hmacsha256=|[\s\ufeff]*[{\[]")


@concealing
def challenge_response(code: str, secret: str) -> str:
    """Return the `challengeResponse` for a challenge: HMAC-SHA256 of the code, in hex.

    `challenge_answer` has the whole of what is to be answered, within 3 seconds.

    Args:
        code: the parameter `challengeCode` of the request, decoded.
        secret: the application's client secret. Where the request has an `applicationId`, that of this application.

    Raises:
        InvalidCallError: the secret is empty, or not one that LinkedIn gives. The code is missing, or could be what is
            signed for a notification: LinkedIn has not sent it, and the answer to who has is a 400.
    """
    checked = check_text("code", code)
    if _SIGNED.match(checked):
        raise InvalidCallError("code", "reads as what is signed for a notification: LinkedIn has not sent it")
    return _hash(checked.encode(), secret)


@concealing
def challenge_answer(code: str, secret: str) -> dict[str, str]:
    """Return what a challenge is to be answered with, as JSON, with status 200: the code and its `challengeResponse`.

    Args:
        code: as for `challenge_response`.
        secret: likewise.

    Raises:
        InvalidCallError: as there.
    """
    return {"challengeCode": code, "challengeResponse": challenge_response(code, secret)}


@concealing
def verify(body: bytes, signature: str | bytes | None, secret: str, bare_body: bool = False) -> bool:
    """Return whether a notification is LinkedIn's: whether its signature is that of its body.

    The time that it takes says nothing about the right signature. One that is missing or odd in any way is not right.

    Args:
        body: the body as it came: its bytes, before anything has decoded them.
        signature: the value of the header ``X-LI-Signature``, with or without a prefix ``hmacsha256=``; None where
            there is none.
        secret: the application's client secret.
        bare_body: whether the signature is that of the body alone, without the prefix before it.

    Raises:
        InvalidCallError: the secret is empty, or not one that LinkedIn gives. The body is not bytes: JSON that was
            read and written again is other bytes.
    """
    if not isinstance(body, bytes | bytearray | memoryview):
        cure = "must be bytes, as they came: the raw body of the request, before it is decoded or read as JSON"
        raise InvalidCallError("body", f"{cure}, not {type(body).__name__}")
    expected = _hash(bytes(body) if bare_body else _PREFIX + bytes(body), secret)
    return hmac.compare_digest(_octets(signature).removeprefix(_PREFIX), expected.encode())


def _octets(signature: Any) -> bytes:
    """Return a header's value as bytes, which `compare_digest` takes whatever is in them; none where it is no text."""
    if isinstance(signature, str):
        return str.encode(signature, "utf-8", "surrogatepass")
    return bytes(signature) if isinstance(signature, bytes) else b""


def _hash(message: bytes, secret: str) -> str:
    return hmac.new(check_credential("secret", secret).encode(), message, hashlib.sha256).hexdigest()
