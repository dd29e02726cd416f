"""The answer to a challenge is never the signature of a notification, though the same key makes both."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.base_errors import InvalidCallError
from restli_core.linkedin.webhooks import challenge_response, verify

SECRET = "s3cret"
leaves = st.none() | st.booleans() | st.integers() | st.text()
documents = st.dictionaries(st.text(), leaves) | st.lists(leaves)
spaces = st.text(" \t\r\n", max_size=2)


@given(documents, spaces, st.sampled_from(["", "\ufeff"]), st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32"]))
def test_whatever_the_notification(document: Any, before: str, mark: str, coding: str) -> None:
    text = mark + before + json.dumps(document, ensure_ascii=False)
    body = text.encode(coding, "surrogatepass")
    for bare_body, message in ((False, b"hmacsha256=" + body), (True, body)):
        # The code whose bytes are the message; there is none where these are not UTF-8.
        code = message.decode("utf-8", "surrogateescape")
        with pytest.raises(InvalidCallError):
            assert not verify(body, challenge_response(code, SECRET), SECRET, bare_body)


@given(st.text())
def test_whatever_the_code(code: str) -> None:
    try:
        answer = challenge_response(code, SECRET)
    except InvalidCallError:
        return
    assert not verify(code.encode(), answer, SECRET)
    with pytest.raises((ValueError, AssertionError)):  # it is no JSON, or is none that a notification is
        assert isinstance(json.loads(code.encode()), dict | list)
