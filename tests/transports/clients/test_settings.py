"""Settings: what no call could be sent with is refused at once, and the client's own origin is known from others."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_core.oauth import Token
from restli_transports import AsyncRestliClient, AuthClient, RestliClient, Timeout
from restli_transports._clients.settings import Settings
from restli_transports.tokens import AsyncFixedSource, FileStore, FixedSource, MemberTokens
from tests.support.recorders import Recorder
from tests.support.token_world import World

# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"access_token": "a\r\nb"}, "access_token"),
        ({"access_token": ""}, "access_token"),
        ({"version_string": "2026"}, "version_string"),
        ({"base_url": "api.linkedin.com"}, "base_url"),
        ({"user_agent": "a\nb"}, "headers"),
        ({"timeout": 5}, "timeout"),
    ],
)
@pytest.mark.parametrize("client", [RestliClient, AsyncRestliClient])
def test_settings_that_no_call_could_send_are_refused(client: Any, settings: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        client(Recorder(), **settings)
    assert caught.value.argument.startswith(argument)
    with pytest.raises(InvalidCallError):
        client(Recorder()).with_options(**settings)


@pytest.mark.parametrize("source", [5, b"t", object()])
@pytest.mark.parametrize("kind", ["blocking", "awaited"])
def test_what_is_neither_text_nor_a_source(kind: str, source: object) -> None:
    world = World(kind)
    with pytest.raises(InvalidCallError, match="access_token"):
        world.client(source)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (5, "int"),
        (("user", "password"), "tuple"),
        ({"token": 5}, "dict"),
        (FixedSource, "the class FixedSource"),
        (Token("t", None), "Token: RefreshingSource(auth, ...) makes a source of it"),
        (FileStore("token.json"), "FileStore: RefreshingSource(auth, ...) makes a source of it"),
        (
            MemberTokens(AuthClient("app", "s", transport=Recorder()), load=print, save=print),
            "MemberTokens: give the source of one member, tokens[member]",
        ),
    ],
    ids=["5", "tuple", "dict", "class", "token", "store", "members"],
)
def test_what_cannot_be_asked_for_tokens_is_named_by_its_kind(source: Any, kind: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Settings(access_token=source)
    assert str(caught.value) == (
        f"access_token: must be text, an Authorization, or a source with a method token, not {kind}"
    )


@pytest.mark.parametrize("base_url", ["http://h:65536/x", "http://[::z]/x", "http://[1::2::3]/x"])
def test_a_base_url_that_leads_nowhere_is_refused(base_url: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Settings(base_url=base_url)
    assert caught.value.argument == "base_url"


def test_each_check_says_what_its_call_would_say() -> None:
    """The checks are called by name, and no call is made for them: they must not come apart."""
    client = RestliClient(Recorder())
    for name, value in {"version_string": "2026", "base_url": "/x", "access_token": "a b"}.items():
        setting, option = {name: value}, {name: value}
        with pytest.raises(InvalidCallError) as at_once:
            Settings(**setting)  # type: ignore[arg-type]
        with pytest.raises(InvalidCallError) as later:
            client.get("/a", **option)  # type: ignore[arg-type]
        assert str(at_once.value) == str(later.value)
    with pytest.raises(InvalidCallError) as at_once:
        Settings(user_agent="a\nb")
    with pytest.raises(InvalidCallError) as later:
        client.get("/a", headers={"User-Agent": "a\nb"})
    assert str(at_once.value) == str(later.value)


@pytest.mark.parametrize(
    "source", ["t", None, FixedSource("t"), AsyncFixedSource("t")], ids=lambda one: type(one).__name__
)
def test_text_and_sources_of_both_kinds_are_taken(source: Any) -> None:
    assert Settings(access_token=source).access_token is source


# -- the value ---------------------------------------------------------------------------------------------------------


def test_settings_keep_the_token_to_themselves() -> None:
    client = RestliClient(Recorder(), access_token="sesame")
    assert "sesame" not in repr(client)
    assert "sesame" not in repr(vars(client))
    assert repr(client) == "<RestliClient over Recorder>"


def test_settings_are_a_frozen_value() -> None:
    settings = Settings(access_token="t", timeout=Timeout(read=5))
    assert settings == Settings(access_token="t", timeout=Timeout(read=5)) != Settings(access_token="u")
    with pytest.raises(AttributeError):
        settings.base_url = "http://h"  # type: ignore[misc]


def test_a_changed_copy_has_an_origin_of_its_own() -> None:
    settings = Settings(access_token="t").__replace__(base_url="http://h:81/x")
    assert settings.home.base == "http://h:81"
    assert not settings.is_own("https://api.linkedin.com/v2/me")


# -- the client's own origin -------------------------------------------------------------------------------------------

LINKEDIN, LOCAL = None, "http://h:8080/x"


@pytest.mark.parametrize(
    ("base_url", "url", "is_own"),
    [
        (LINKEDIN, "https://api.linkedin.com", True),
        (LINKEDIN, "https://api.linkedin.com/", True),
        (LINKEDIN, "https://api.linkedin.com?a=b", True),
        (LINKEDIN, "https://api.linkedin.com#a", True),
        (LINKEDIN, "https://api.linkedin.com/rest/a", True),
        (LINKEDIN, "HTTPS://API.LinkedIn.com/a", True),
        (LINKEDIN, "https://api.linkedin.com:443/a", True),
        (LINKEDIN, "https://api.linkedin.com:/a", True),
        (LINKEDIN, "https://somebody@api.linkedin.com/a", True),
        (LINKEDIN, "https://api.linkedin.com:444/a", False),
        (LINKEDIN, "https://api.linkedin.com.example/a", False),
        (LINKEDIN, "https://api.linkedin.company/a", False),
        (LINKEDIN, "https://api.linkedin.com@example/a", False),
        (LINKEDIN, "https://api.linkedin.com:443@example/a", False),
        (LINKEDIN, "https://api.linkedin.com\\@example/a", False),
        (LINKEDIN, "https://example/https://api.linkedin.com/a", False),
        (LINKEDIN, "https://example?https://api.linkedin.com/a", False),
        (LINKEDIN, "http://api.linkedin.com/a", False),
        (LINKEDIN, "/v2/a", False),
        (LINKEDIN, "", False),
        (LOCAL, "http://h:8080/y", True),
        (LOCAL, "http://h:80801/x", False),
        (LOCAL, "http://h:808/x", False),
        (LOCAL, "http://h/x", False),
        ("http://h/x", "http://h:80/x", True),
        ("http://h:80/x", "http://h/x", True),
        ("http://h:80/x", "http://h:80/x", True),
        ("http://h:80/x", "http://h:8080/x", False),
        ("http://[::1]/x", "http://[::1]/y", True),
        ("http://[::1]/x", "http://[::1]:81/y", False),
    ],
)
def test_which_urls_are_the_clients_own(base_url: str | None, url: str, is_own: bool) -> None:
    assert Settings(base_url=base_url).is_own(url) is is_own
