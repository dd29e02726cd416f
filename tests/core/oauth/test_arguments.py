"""The arguments of OAuth's calls: which are refused, and how the others are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from restli_core import oauth
from restli_core.base_errors import SuspiciousValueWarning
from restli_core.errors import InvalidCallError
from restli_core.oauth.arguments import check_auth_base_url, check_client, split_scopes, write_form
from tests.support.token_calls import BACK, VERIFIER


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("client_id", lambda bad: oauth.client_credentials(bad, "s")),
        ("client_secret", lambda bad: oauth.client_credentials("app", bad)),
        ("client_secret", lambda bad: oauth.introspect("t", "app", bad)),
        ("client_secret", lambda bad: oauth.refresh("r", "app", bad or "")),
        ("code", lambda bad: oauth.authorization_code(bad, BACK, "app", "s")),
        ("redirect_url", lambda bad: oauth.authorization_code("c", bad, "app", "s")),
        ("code_verifier", lambda bad: oauth.authorization_code("c", BACK, "app", code_verifier=bad or "")),
        ("refresh_token", lambda bad: oauth.refresh(bad, "app", "s")),
        ("access_token", lambda bad: oauth.introspect(bad, "app", "s")),
        ("access_token", lambda bad: oauth.revoke(bad, "app")),
        ("base_url", lambda bad: oauth.revoke("t", "app", base_url=bad or "")),
        ("client_id", lambda bad: oauth.generate_member_auth_url(bad, BACK, "r")),
        ("redirect_url", lambda bad: oauth.generate_member_auth_url("app", bad, "r")),
        ("state", lambda bad: oauth.generate_member_auth_url("app", BACK, "r", bad or "")),
        ("code_challenge", lambda bad: oauth.generate_member_auth_url("app", BACK, "r", code_challenge=bad or "")),
        ("verifier", oauth.code_challenge),
        ("state", lambda bad: oauth.read_redirect("?code=1", bad)),
    ],
)
@pytest.mark.parametrize("bad", [None, "", "s3cr\r\nt", "s3cr\x00t", "s3cr\ud800t", 1, b"s3crt"])
def test_the_callers_mistakes(argument: str, make: Callable[[Any], object], bad: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        make(bad)
    assert caught.value.argument == argument
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize("bad", ["/back", "app.example/back", "https://h/#f", "https://h/a b", "https:", "//h/a"])
def test_redirect_urls_are_whole(bad: str) -> None:
    with pytest.raises(InvalidCallError, match=r"^redirect_url: "):
        oauth.authorization_code("c", bad, "app", "s")


@pytest.mark.parametrize("bad", ["localhost:8000", "localhost:8000/back", "app.example:443?x=1"])
def test_a_redirect_url_with_a_port_has_a_scheme(bad: str) -> None:
    with pytest.raises(InvalidCallError, match=r"^redirect_url: must be a whole URL: .* no http:// or https://"):
        oauth.Application("app", "s", bad)


@pytest.mark.parametrize("good", ["com.example.app:/back", "app.example:back", "http://localhost:8000/back"])
def test_a_redirect_url_may_have_a_scheme_of_its_own(good: str) -> None:
    assert oauth.Application("app", "s", good).redirect_url == good


@pytest.mark.parametrize("code", ["AQTb%3D%3D", "AQ%2fx%2B9", "a%3d"])
def test_a_code_that_is_encoded_already_is_warned_of(code: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=r"^code: is percent-encoded already") as caught:
        oauth.authorization_code(code, BACK, "app", "s")
    assert caught[0].filename == __file__
    assert code not in str(caught[0].message)


@pytest.mark.parametrize("code", ["AQTb==", "AQ/x+9", "50%", "a%7Q", "a%zz"])
def test_other_codes_are_the_servers_own(code: str) -> None:
    assert oauth.authorization_code(code, BACK, "app", "s").request.body


@pytest.mark.parametrize(
    "scopes", ["r_ads%20rw_ads", "openid+profile", ["email", "r_ads%2Crw_ads"], "r_ads%20rw_ads%20r_basicprofile"]
)
def test_scopes_that_are_encoded_already_are_warned_of(scopes: Any) -> None:
    with pytest.warns(SuspiciousValueWarning, match=r"^scopes: is encoded already") as caught:
        oauth.generate_member_auth_url("app", BACK, scopes)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "scopes", ["r_ads rw_ads", "r_ads,rw_ads", "https://api.example/auth/read", "a:b", "50%", "+1"]
)
def test_other_scopes_are_sent_in_silence(scopes: str) -> None:
    assert oauth.generate_member_auth_url("app", BACK, scopes)


def test_the_secret_is_looked_at_before_the_id() -> None:
    with pytest.raises(InvalidCallError, match=r"^client_secret: "):
        check_client("", "")
    assert check_client("app", None) == {"client_id": "app", "client_secret": None}


@pytest.mark.parametrize(
    ("base_url", "normal"),
    [(None, oauth.BASE_URL), ("http://h/oauth/v2/", "http://h/oauth/v2"), ("https://h:1", "https://h:1")],
)
def test_base_urls_come_out_in_normal_form(base_url: str | None, normal: str) -> None:
    assert check_auth_base_url(base_url) == normal


@pytest.mark.parametrize(
    ("text", "scopes"), [("", ()), (" , ", ()), ("a", ("a",)), ("a b", ("a", "b")), ("a,b, c\n", ("a", "b", "c"))]
)
def test_scopes_are_parted_by_spaces_or_commas(text: str, scopes: tuple[str, ...]) -> None:
    assert split_scopes(text) == scopes


def test_a_form_is_a_query_too() -> None:
    assert (
        write_form({"a b": "c+d", "none": None, "empty": "", "e": "é/&=~"}) == "a%20b=c%2Bd&empty=&e=%C3%A9%2F%26%3D~"
    )


# -- what LinkedIn would refuse only after the member has consented ----------------------------------------------------


CREDENTIALS: dict[str, list[Callable[[str], object]]] = {
    "client_id": [
        lambda bad: oauth.Application(bad, "s"),
        lambda bad: oauth.generate_member_auth_url(bad, BACK, "r"),
        lambda bad: oauth.refresh("r", bad, "s"),
    ],
    "client_secret": [
        lambda bad: oauth.Application("app", bad),
        lambda bad: oauth.authorization_code("c", BACK, "app", bad),
        lambda bad: oauth.client_credentials("app", bad),
        lambda bad: oauth.introspect("t", "app", bad),
        lambda bad: oauth.revoke("t", "app", bad),
    ],
    "code": [lambda bad: oauth.authorization_code(bad, BACK, "app", "s")],
    "refresh_token": [lambda bad: oauth.refresh(bad, "app", "s")],
    "access_token": [lambda bad: oauth.introspect(bad, "app", "s"), lambda bad: oauth.revoke(bad, "app")],
}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (" s3cret", "white space around"),
        ("s3cret ", "white space around"),
        ("\u00a0s3cret", "white space around"),
        ('"s3cret"', "quotes around"),
        ("'s3cret'", "quotes around"),
        ('"', "quotes around"),
    ],
)
@pytest.mark.parametrize("argument", CREDENTIALS)
def test_a_line_of_a_file_is_not_a_credential(argument: str, bad: str, reason: str) -> None:
    for make in CREDENTIALS[argument]:
        with pytest.raises(InvalidCallError, match=reason) as caught:
            make(bad)
        assert caught.value.argument == argument
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("good", ["a b", "WPL_AP1.a-_b==", "it's", 'say "a"', "%3D", "a&b=c"])
def test_other_credentials_are_the_servers_own(good: str) -> None:
    for makes in CREDENTIALS.values():
        for make in makes:
            make(good)


@pytest.mark.parametrize(
    "code", ["https://app.example/back?code=1&state=s", "?code=1&state=s", "code=1", "&code=1", "state=s&code=1"]
)
def test_a_redirect_is_not_a_code(code: str) -> None:
    with pytest.raises(InvalidCallError, match=r"^code: is a redirect, .* read_redirect"):
        oauth.authorization_code(code, BACK, "app", "s")


def test_the_id_is_not_the_secret() -> None:
    with pytest.raises(InvalidCallError, match=r"^client_secret: is the client_id$"):
        oauth.Application("app", "app")


@pytest.mark.parametrize("query", ["?code=1", "?a=b&state=x", "?error", "?state&a=b", "?a&error=1#"])
def test_a_redirect_url_has_no_parameter_that_the_server_adds(query: str) -> None:
    for make in (
        lambda url: oauth.Application("app", "s", url),
        lambda url: oauth.generate_member_auth_url("app", url, "r"),
        lambda url: oauth.authorization_code("c", url, "app", "s"),
    ):
        with pytest.raises(InvalidCallError, match=r"^redirect_url: must"):
            make("https://app.example/back" + query)


@pytest.mark.parametrize("query", ["?code1=1", "?a=code", "?statement=1", "/code?errors=1", "?a=b&c"])
def test_a_redirect_url_may_have_others(query: str) -> None:
    assert oauth.Application("app", "s", "https://app.example" + query).redirect_url


@pytest.mark.parametrize(
    "redirect_url",
    [
        "https://app.example/back",
        "http://localhost:8000/",
        "http://127.0.0.2/",
        "https://127.0.0.1/",
        "http://127.0.0.1.x/",
    ],
)
def test_the_native_flow_of_linkedin_comes_back_to_an_address_of_this_machine(redirect_url: str) -> None:
    application = oauth.Application("app", redirect_url=redirect_url)
    with pytest.raises(InvalidCallError, match=r"^redirect_url: must be http://127\.0\.0\.1 or http://\[::1\]"):
        application.generate_member_auth_url("r_ads", "s", code_verifier=VERIFIER)
    assert replace(application, base_url="https://h/oauth/v2").generate_member_auth_url("r", code_verifier=VERIFIER)


@pytest.mark.parametrize("redirect_url", ["http://127.0.0.1", "http://127.0.0.1:0/a?b=c", "http://[::1]:8914/back"])
def test_such_addresses_are_taken(redirect_url: str) -> None:
    application = oauth.Application("app", redirect_url=redirect_url)
    assert application.generate_member_auth_url("r_ads", "s", code_verifier=VERIFIER)


@pytest.mark.parametrize("scopes", ["openid", "r_ads profile", ["r_ads", "email"], "openid,profile,email"])
def test_the_native_flow_of_linkedin_has_no_openid(scopes: Any) -> None:
    application = oauth.Application("app", redirect_url="http://127.0.0.1/")
    with pytest.raises(
        InvalidCallError, match=r"^scopes: LinkedIn's native flow \(PKCE\) has no (openid|profile|email)"
    ):
        application.generate_member_auth_url(scopes, "s", code_verifier=VERIFIER)
    web = oauth.Application("app", "s", "http://127.0.0.1/")
    assert web.generate_member_auth_url(scopes, "s")
    assert replace(web, base_url="https://h/oauth/v2").generate_member_auth_url(scopes, code_verifier=VERIFIER)


def test_linkedin_takes_a_secret_or_a_verifier() -> None:
    for base_url in (None, oauth.BASE_URL, oauth.BASE_URL + "/"):
        with pytest.raises(InvalidCallError, match=r"^client_secret: and code_verifier are both given"):
            oauth.authorization_code("c", BACK, "app", "s", code_verifier=VERIFIER, base_url=base_url)
    other = oauth.authorization_code("c", BACK, "app", "s", code_verifier=VERIFIER, base_url="https://h/oauth/v2")
    assert b"client_secret=s" in other.request.body


def test_an_application_that_cannot_exchange_the_code_is_warned_of() -> None:
    application = oauth.Application("app", redirect_url="http://127.0.0.1/")
    with pytest.warns(SuspiciousValueWarning, match=r"^client_secret: is missing") as caught:
        application.generate_member_auth_url("r_ads", "s")
    assert caught[0].filename == __file__


class Showy(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise AssertionError("what it formats as was asked for")

    __repr__ = __format__ = encode = __str__  # type: ignore[assignment]


def test_no_subclass_of_text_has_a_say_in_what_is_sent() -> None:
    by_code = oauth.authorization_code(Showy("c"), Showy(BACK), Showy("app"), Showy("s"), base_url=Showy("https://h"))
    assert by_code == oauth.authorization_code("c", BACK, "app", "s", base_url="https://h")
    assert oauth.refresh(Showy("r"), Showy("app")) == oauth.refresh("r", "app")
    shown = oauth.generate_member_auth_url(Showy("app"), Showy(BACK), [Showy("r")], Showy("s"))
    assert shown == oauth.generate_member_auth_url("app", BACK, ["r"], "s")
    verified = oauth.authorization_code("c", BACK, "app", code_verifier=Showy(VERIFIER))
    assert verified == oauth.authorization_code("c", BACK, "app", code_verifier=VERIFIER)
