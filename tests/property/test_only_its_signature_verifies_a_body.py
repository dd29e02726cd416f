"""A body is verified by its own signature, and by nothing else, whatever that is."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from restli_core.linkedin.webhooks import verify

secrets = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x24F, categories=["L", "N"]), min_size=1)
hexes = st.text("0123456789abcdefABCDEF", min_size=64, max_size=64)
odd = st.none() | st.text() | st.binary() | hexes | hexes.map("hmacsha256={}".format) | st.integers()


@given(body=st.binary(), secret=secrets, bare_body=st.booleans(), is_prefixed=st.booleans())
def test_its_own_does(body: bytes, secret: str, bare_body: bool, is_prefixed: bool) -> None:
    message = body if bare_body else b"hmacsha256=" + body
    right = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    assert verify(body, f"hmacsha256={right}" if is_prefixed else right, secret, bare_body)
    assert not verify(body, right, secret, not bare_body)
    assert not verify(body + b"x", right, secret, bare_body)
    assert not verify(body, right, f"{secret}x", bare_body)


@given(body=st.binary(), secret=secrets, bare_body=st.booleans(), signature=odd)
def test_no_other_does(body: bytes, secret: str, bare_body: bool, signature: str) -> None:
    assert verify(body, signature, secret, bare_body) is False
