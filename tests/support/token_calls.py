"""The five token calls of OAuth with made-up secrets, and answers to them."""

from __future__ import annotations

import json
from typing import Any

from restli_core import oauth
from restli_core.calls import Call
from restli_core.messages import HttpResponse

# RFC 7636 appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "https://app.example/back?a=b&c"
SECRETS = {"s3cr+t/1", "c0de&x=y", "refr3sh", "acc3ss"}
TOKENS = {
    "access_token": "AQV",
    "expires_in": 5184000,
    "refresh_token": "AQR",
    "refresh_token_expires_in": 31536000,
    "scope": "r_ads,w_ads",
    "token_type": "Bearer",
}


def calls(**options: Any) -> dict[str, Call[Any]]:
    """Return the calls by their names."""
    return {
        "authorization_code": oauth.authorization_code("c0de&x=y", BACK, "app", "s3cr+t/1", **options),
        "refresh": oauth.refresh("refr3sh", "app", "s3cr+t/1", **options),
        "client_credentials": oauth.client_credentials("app", "s3cr+t/1", **options),
        "introspect": oauth.introspect("acc3ss", "app", "s3cr+t/1", **options),
        "revoke": oauth.revoke("acc3ss", "app", "s3cr+t/1", **options),
    }


NAMES = list(calls())


def answered(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return an answer with this body, bytes or what JSON can hold."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, headers or {}, content, "https://h/oauth", native=object())
