"""The check of ID tokens that docs/auth.md shows: with keys from a server, it takes what is right and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from restli_transports.testing.server import RestliServer
from tests.support.pages import programs_in, text_of

pytestmark = pytest.mark.sockets

(RECIPE,) = [code for code in programs_in(text_of("docs/auth.md")) if "PyJWKClient" in code]
JWKS = "https://www.linkedin.com/oauth/openid/jwks"
KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def claims(**changes: Any) -> dict[str, Any]:
    """Return claims as LinkedIn's tokens have them; one that is None is left out."""
    now = int(time.time())
    usual = {
        "iss": "https://www.linkedin.com/oauth",
        "aud": "app",
        "iat": now,
        "exp": now + 3600,
        "sub": "782bbtaQ",
        "name": "Ada",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def signed(key: Any = KEY, kid: str | None = "one", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm="RS256", headers={} if kid is None else {"kid": kid})


@pytest.fixture
def read_id_token() -> Iterator[Callable[[str], dict[str, Any]]]:
    document = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
    keys = json.dumps({"keys": [{**document, "kid": "one", "use": "sig", "alg": "RS256"}]}).encode()
    with RestliServer(raise_errors=False) as server:
        server.fail_next(status=200, headers={"Content-Type": "application/json"}, body=keys, times=5)
        code = RECIPE.replace(JWKS, f"{server.base_url}/oauth/openid/jwks")
        assert code != RECIPE
        context: dict[str, Any] = {"client_id": "app"}
        exec(code.partition("\n\n\nid_token =")[0], context)
        yield context["read_id_token"]
        lines = {received.request.line for received in server.received if received.request is not None}
        assert lines <= {"GET /oauth/openid/jwks"}


def test_a_token_of_linkedins_is_read(read_id_token: Callable[[str], dict[str, Any]]) -> None:
    found = read_id_token(signed())
    assert (found["sub"], found["name"]) == ("782bbtaQ", "Ada")
    assert read_id_token(signed(aud=["app", "another"]))["sub"] == "782bbtaQ"
    assert read_id_token(signed(exp=int(time.time()) - 5))["sub"] == "782bbtaQ"  # clocks may differ


def segment(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned() -> str:
    return f"{segment({'alg': 'none', 'kid': 'one'})}.{segment(claims())}."


def signed_with_the_public_key() -> str:
    # Whoever takes the algorithm from the token takes the public key for a shared secret.
    content = f"{segment({'alg': 'HS256', 'kid': 'one'})}.{segment(claims())}"
    secret = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{content}.{segment(hmac.digest(secret, content.encode(), hashlib.sha256))}"


def changed() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{segment(claims(sub='mallory'))}.{signature}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: signed(aud="another"),
        lambda: signed(aud=None),
        lambda: signed(iss="https://www.linkedin.example/oauth"),
        lambda: signed(iss=None),
        lambda: signed(exp=int(time.time()) - 3600),
        lambda: signed(exp=None),
        lambda: signed(iat=int(time.time()) + 3600),
        lambda: signed(iat=None),
        lambda: signed(sub=None),
        lambda: signed(OTHER_KEY),
        lambda: signed(kid="two"),
        lambda: signed(kid=None),
        unsigned,
        signed_with_the_public_key,
        changed,
        lambda: "",
        lambda: "a.b.c",
    ],
    ids=range(17),
)
def test_any_other_is_refused(make: Callable[[], str], read_id_token: Callable[[str], dict[str, Any]]) -> None:
    with pytest.raises(jwt.PyJWTError):
        read_id_token(make())
