from __future__ import annotations

import pytest

from restli_transports.testing.authorization.state import App, Grant, State
from tests.support.oauth_flows import Clock

NOW = 1_700_000_000
GRANT = Grant("app", "urn:li:person:ada", ("r_ads", "w_ads"), NOW)


@pytest.fixture
def state() -> State:
    state = State(Clock(), {"code": 30, "access": 60, "refresh": 365, "application": 10})
    for client_id, refreshes in (("app", True), ("bare", False)):
        state.apps[client_id] = App(client_id, "s3cret", (), None, False, refreshes, True)
    return state


def test_what_was_given_out_is_found_by_kind_and_application(state: State) -> None:
    text, issued = state.give_out("access", GRANT)
    assert state.find(text, "access") is issued
    assert state.find(text, "refresh", "access", client_id="app") is issued
    assert state.find(text, "refresh") is None
    assert state.find(text, "access", client_id="bare") is None
    assert state.find("another", "access") is None


def test_each_kind_lives_as_long_as_it_says(state: State) -> None:
    ends = {state.give_out(kind, GRANT)[1].expires_at for kind in ("code", "access", "refresh", "application")}
    assert ends == {NOW + 30, NOW + 60, NOW + 365, NOW + 10}
    assert state.give_out("access", GRANT, NOW + 7)[1].expires_at == NOW + 7


def test_the_kind_shows_in_the_text_and_nothing_else_does(state: State) -> None:
    texts = {state.give_out(kind, GRANT)[0] for kind in ("code", "access", "refresh", "application") for _ in range(2)}
    assert {text[:3] for text in texts} == {"AQT", "AQV", "AQX", "AQU"}
    assert {len(text) for text in texts} == {3 + 64}
    assert len(texts) == 8


def test_a_token_is_active_then_expired_and_revoked_whatever_the_time(state: State) -> None:
    text, issued = state.give_out("access", GRANT)
    assert issued.status(NOW + 59.9) == "active"
    assert issued.status(NOW + 60) == "expired"
    state.revoke(text)
    assert issued.status(NOW) == issued.status(NOW + 60) == "revoked"


def test_what_is_spent_is_as_good_as_revoked(state: State) -> None:
    _, issued = state.give_out("code", GRANT)
    issued.is_spent = True
    assert issued.status(NOW) == "revoked"


def test_a_member_token_with_and_without_a_refresh_token(state: State) -> None:
    state.offset = 5.0
    document = state.give_member_token(GRANT)
    assert (document["expires_in"], document["scope"]) == (60, "r_ads,w_ads")
    assert document["refresh_token_expires_in"] == 360  # counted from the consent
    again = state.give_member_token(GRANT, document["refresh_token"])
    assert again["refresh_token"] == document["refresh_token"]
    assert again["access_token"] != document["access_token"]
    assert state.give_member_token(Grant("bare", "m", (), NOW)).keys() == {"access_token", "expires_in", "scope"}


def test_the_end_of_a_grant_is_not_that_of_its_equal(state: State) -> None:
    twin = Grant("app", "urn:li:person:ada", ("r_ads", "w_ads"), NOW)
    assert twin == GRANT
    first, second = state.give_out("access", GRANT)[1], state.give_out("access", twin)[1]
    text, _ = state.give_out("refresh", GRANT)
    state.revoke(text)
    assert (first.is_revoked, second.is_revoked) == (True, False)


def test_revoking_an_access_token_leaves_the_others(state: State) -> None:
    text, _ = state.give_out("access", GRANT)
    other, kept = state.give_out("access", GRANT)
    state.revoke(text)
    state.revoke("unknown")
    assert kept.status(state.now) == "active"
    assert state.find(other, "access") is kept


def test_time_moves_with_the_offset(state: State) -> None:
    assert state.now == NOW + 0.25
    state.offset -= 10
    assert state.now == NOW - 9.75


def test_no_secret_is_shown(state: State) -> None:
    text, issued = state.give_out("access", GRANT)
    shown = repr([state, issued, *state.apps.values()])
    assert text not in shown
    assert "s3cret" not in shown
