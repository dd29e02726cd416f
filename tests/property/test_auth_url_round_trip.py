"""Every value of an authorization URL comes back, whatever it is, when the URL is read as any server reads it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from restli_core import oauth

sendable = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
client_ids = sendable.filter(lambda text: text == text.strip() and not (text[0] in "\"'" and text[0] == text[-1]))
scopes = st.text("ab_:/.!#&=+%~-[]{}", min_size=1, max_size=8)
verifiers = st.text("abcXYZ019-._~", min_size=43, max_size=128)
addresses = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"], exclude_characters="#"), max_size=20)


@given(
    client_id=client_ids,
    redirect_url=addresses.map("https://h/{}".format),
    scope=st.lists(scopes, min_size=1, max_size=4),
    state=st.none() | sendable,
    challenge=st.none() | verifiers.map(oauth.code_challenge),
)
def test_round_trip(
    client_id: str, redirect_url: str, scope: list[str], state: str | None, challenge: str | None
) -> None:
    url = oauth.generate_member_auth_url(
        client_id,
        redirect_url,
        scope,
        state,
        code_challenge=challenge,
        base_url="https://auth.example",  # LinkedIn's own takes not every redirect in the native flow
    )
    query = urlsplit(url).query
    assert re.fullmatch(r"[A-Za-z0-9\-._~%&=]*", query)
    wanted = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_url,
        "state": state,
        "scope": " ".join(scope),
        "code_challenge": challenge,
        "code_challenge_method": challenge and "S256",
    }
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    assert pairs == [(name, value) for name, value in wanted.items() if value is not None]
