"""A secret or a token of OAuth is in no text that a call, an answer, a token or an error makes of itself.

Nor is it in a pickled error; pickled calls, answers and tokens do have theirs.
"""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import oauth
from restli_core.calls import Call
from restli_core.errors import InvalidCallError, OAuthError, RestliError, TransportError
from restli_core.messages import HttpResponse
from tests.support.oddities import statuses

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
WIDER = st.characters(exclude_categories=["C"])
secrets = st.text(VISIBLE | WIDER, min_size=8, max_size=20).map("Q7{}7Q".format)
"""Secrets that are in no text by chance."""

tokens = st.text(VISIBLE, min_size=8, max_size=20).map("Q7{}7Q".format)
"""Likewise, such as a server can give."""

VERIFIER = "Q7" + "v" * 41
BACK = "http://127.0.0.1/"

MAKERS: dict[str, Callable[[str], Call[Any]]] = {
    "authorization_code": lambda secret: oauth.authorization_code(
        secret, BACK, "app", secret, code_verifier=VERIFIER, base_url="https://auth.example"
    ),
    "refresh": lambda secret: oauth.refresh(secret, "app", secret),
    "client_credentials": lambda secret: oauth.client_credentials("app", secret),
    "introspect": lambda secret: oauth.introspect(secret, "app", secret),
    "revoke": lambda secret: oauth.revoke(secret, "app", secret),
}
NAMES = pytest.mark.parametrize("name", MAKERS)


def texts_of(value: Any) -> str:
    if isinstance(value, Exception):
        chain = "".join(traceback.format_exception(value))
        return f"{value}{value!r}{value.args!r}{vars(value)}{chain}{value.__cause__!r}{value.__context__!r}"
    return f"{value}{value!r}"


def tells(value: Any, *hidden: str) -> bool:
    """Whether any of these is in a text of the value, or in the pickle of an error, in any spelling."""
    pickled = pickle.dumps(value, 0).decode("latin-1") if isinstance(value, Exception) else ""
    shown = texts_of(value) + pickled
    # Protocol 0 has text as raw-unicode-escape.
    spelt = {*hidden, *map(quote_plus, hidden), *(one.encode("raw-unicode-escape").decode("latin-1") for one in hidden)}
    return any(one in shown for one in spelt)


def error_of(made: Call[Any], response: HttpResponse) -> tuple[Any, RestliError | None]:
    try:
        return made.parse(response), None
    except RestliError as error:
        return None, error


@NAMES
@given(secret=secrets)
def test_calls(name: str, secret: str) -> None:
    made = MAKERS[name](secret)
    for value in (made, made.request, made.request.headers, made.reader, made.request.redacted()):
        assert not tells(value, secret, VERIFIER)
    assert quote_plus(secret) not in made.request.url
    assert not tells(TransportError(f"broken: {secret} {made.request.body.decode()}", made.request), secret, VERIFIER)


@NAMES
@given(secret=tokens, new=tokens, status=statuses, shape=st.sampled_from(["json", "spoilt", "form", "list"]))
def test_answers_and_errors(name: str, secret: str, new: str, status: int, shape: str) -> None:
    """The server repeats what it was sent wherever text is, and has a new token where there is an answer."""
    made = MAKERS[name](secret)
    words = f"for {secret}: {quote_plus(secret)}"
    told = {
        **dict.fromkeys(("error", "error_description", "message", "code", "stackTrace", "requestId"), words),
        "errorDetails": {"echo": secret},
        secret: secret,
        "status": secret,
        "active": True,
        "scope": secret,
        "access_token": new,
        "refresh_token": new,
        "expires_in": "soon" if shape == "spoilt" else "5",
    }
    bodies = {"form": urlencode(told), "list": json.dumps([told])}
    body = bodies.get(shape, json.dumps(told)).encode()
    response = HttpResponse(status, {"X-LI-UUID": secret, "Location": words}, body, f"http://h/?{secret}")
    answer, error = error_of(made, response)
    if error is None:
        assert 200 <= status < 300
        assert not tells(answer, secret, new)
        assert not tells(answer.response, secret, new)
    else:
        assert not tells(error, secret, new, VERIFIER)


@NAMES
@given(secret=tokens, new=tokens, kind=st.sampled_from(["error", "message"]))
def test_errors_have_no_body(name: str, secret: str, new: str, kind: str) -> None:
    """What else a server puts into a refusal is left out, known or not."""
    body = {kind: "no", "access_token": new, new: new, "errorDetails": [new]}
    _, error = error_of(MAKERS[name](secret), HttpResponse(400, {}, json.dumps(body).encode(), "http://h"))
    assert error is not None
    assert not tells(error, new, secret)


@given(access=tokens, refreshing=tokens, bad=st.sampled_from(["{}\n", "{}\0", "\ud800{}"]))
def test_tokens(access: str, refreshing: str, bad: str) -> None:
    token = oauth.Token(access, 5, refreshing)
    assert not tells(token, access, refreshing)
    for fields in ({"access_token": bad.format(access)}, {"access_token": access, "expires_at": refreshing}):
        with pytest.raises(InvalidCallError) as caught:
            oauth.Token.from_dict(fields)
        assert not tells(caught.value, access, refreshing)


@NAMES
@given(secret=tokens, bad=st.sampled_from(["{}\r\n", "{}\0", "\ud800{}"]))
def test_refusals_of_the_secret_itself(name: str, secret: str, bad: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        MAKERS[name](bad.format(secret))
    assert not tells(caught.value, secret)


@given(code=tokens, state=tokens, other=tokens)
def test_redirects(code: str, state: str, other: str) -> None:
    for query in ({"code": code, "state": other}, {"code": code, "state": state, "error": "access_denied"}):
        with pytest.raises(OAuthError) as caught:
            oauth.read_redirect(f"/?{urlencode(query)}", state + "!" * (state == query["state"] == other))
        assert not tells(caught.value, code, state)
