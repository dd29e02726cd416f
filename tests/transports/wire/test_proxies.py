"""The proxies that the environment names, and the hosts that NO_PROXY excepts from them."""

from __future__ import annotations

import base64
import urllib.request

import pytest

from restli_core import InvalidCallError, RestliWarning
from restli_transports.wire import Proxies, Proxy, environment_proxies, parse_url

NAMED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "none": ({}, {}),
    "one": ({"http_proxy": "http://p.test:3128"}, {"http": "http://p.test:3128"}),
    "in capitals": ({"HTTPS_PROXY": "http://p.test:3128"}, {"https": "http://p.test:3128"}),
    "in both cases": ({"HTTP_PROXY": "http://p.test", "http_proxy": "http://q.test"}, {"http": "http://q.test"}),
    "all": ({"all_proxy": "http://p.test"}, {"http": "http://p.test", "https": "http://p.test"}),
    "all but one": (
        {"ALL_PROXY": "http://p.test", "https_proxy": "https://q.test"},
        {"http": "http://p.test", "https": "https://q.test"},
    ),
    "without a scheme": ({"http_proxy": "user:password@p.test:1"}, {"http": "http://user:password@p.test:1"}),
    "with spaces around it": ({"http_proxy": " http://p.test:1 "}, {"http": "http://p.test:1"}),
    "in capital letters itself": ({"http_proxy": "HTTP://p.test:1"}, {"http": "http://p.test:1"}),
    "with a path": ({"http_proxy": "http://p.test:1/a?b#c"}, {"http": "http://p.test:1"}),
    "an IPv6 address": ({"http_proxy": "http://[::1]:1"}, {"http": "http://[::1]:1"}),
    "with odd signs in its password": (
        {"http_proxy": "http://u:a@b{%41@p.test"},
        {"http": "http://u:a%40b%7BA@p.test"},
    ),
    "empty": ({"http_proxy": "", "no_proxy": "*"}, {}),
    "of another scheme": ({"ftp_proxy": "socks5://p.test"}, {}),
    "in a CGI program, by a header": ({"HTTP_PROXY": "http://p.test", "REQUEST_METHOD": "GET"}, {}),
}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all", "no", "ftp"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


def through(proxies: Proxies, url: str) -> bool:
    return proxies.proxy_for(parse_url(url).origin) is not None


@pytest.mark.parametrize(("variables", "proxies"), NAMED.values(), ids=NAMED.keys())
def test_they_are_named_by_the_scheme_that_they_are_for(
    variables: dict[str, str], proxies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert {scheme: proxy.named for scheme, proxy in environment_proxies().by_scheme.items()} == proxies


@pytest.mark.parametrize(
    "url",
    [
        "socks5://user:secret@p.test:1",
        "ftp://user:secret@p.test",
        "http://user:secret@[bad",
        "http://user:secret@p.test:99999",
        "http://user:secret\n@p.test",
        "http://user:sec ret@p.test",
        "http://",
        "://",
    ],
)
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_one_that_cannot_be_read_is_ignored_with_a_warning(
    variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    with pytest.warns(RestliWarning) as caught:
        proxies = environment_proxies()
    assert proxies.by_scheme == {}
    (warning,) = caught
    assert str(warning.message).startswith(f"{variable} in the environment is ignored: it does not name a proxy")
    assert "sec" not in str(warning.message)
    assert warning.filename == __file__


def test_socks_is_for_those_who_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5h://u:p@s.test:1080")
    proxies = environment_proxies(socks=True)
    assert proxies.by_scheme["https"].named == "socks5h://u:p@s.test:1080"


def test_a_proxy_shows_no_password() -> None:
    proxy = Proxy("http://user:se%20cret@p.test:1")
    assert repr(proxy) == "<Proxy http://p.test:1>"
    assert proxy.url == "http://p.test:1"


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ("u:p", "u:p"),
        ("u", "u:"),
        (":p", ":p"),
        ("u:p:q", "u:p:q"),
        ("%D0%BF:%C3%A9", "п:é"),
        ("п:é", "п:é"),
        ("u:a@b", "u:a@b"),
    ],
)
def test_the_authorization_is_in_utf_8(user: str, sent: str) -> None:
    expected = base64.b64encode(sent.encode()).decode()
    assert Proxy(f"http://{user}@p.test").authorization == f"Basic {expected}"


def test_without_a_user_there_is_no_authorization() -> None:
    assert Proxy("http://p.test").authorization is Proxy("http://@p.test/a@b").authorization is None


def test_a_proxy_needs_a_host() -> None:
    with pytest.raises(InvalidCallError):
        Proxy("http://:80")


# NO_PROXY -> URLs that it excepts, URLs that it does not
EXCEPTIONS: dict[str, tuple[list[str], list[str]]] = {
    "*": (["http://a.test", "https://[::1]:5"], []),
    "a.test,*": (["http://b.test"], []),
    "a.test": (
        ["http://a.test", "http://A.TEST", "https://a.test:81", "http://b.a.test", "http://a.test./"],
        ["http://ba.test", "http://a.test.b", "http://test"],
    ),
    ".a.test": (["http://a.test", "http://b.a.test", "http://c.b.a.test"], ["http://ba.test"]),
    "*.a.test": (["http://b.a.test", "http://c.b.a.test"], ["http://a.test", "http://ba.test"]),
    "A.Test.": (["http://a.test", "http://b.a.test"], ["http://test"]),
    "..a.test": (["http://a.test"], ["http://b.test"]),
    "localhost": (["http://localhost:1", "http://x.localhost"], ["http://127.0.0.1"]),
    "my_service": (["http://my_service:1"], ["http://service"]),
    " a.test , b.test\tc.test\n,, ": (["http://a.test", "http://b.test", "http://c.test"], ["http://d.test"]),
    "a.test:81": (["http://a.test:81", "https://b.a.test:81"], ["http://a.test", "http://a.test:82"]),
    "a.test:80": (["http://a.test", "http://a.test:80", "https://a.test:80"], ["https://a.test"]),
    "a.test:443": (["https://a.test"], ["http://a.test"]),
    "a.test:": (["http://a.test:81"], ["http://b.test"]),
    ".a.test:81": (["http://b.a.test:81"], ["http://b.a.test"]),
    "http://a.test": (["http://a.test"], ["https://a.test"]),
    "https://a.test:81/": (["https://a.test:81"], ["http://a.test:81"]),
    "all://a.test": (["http://a.test", "https://a.test"], ["http://b.test"]),
    "127.0.0.1": (["http://127.0.0.1", "http://127.0.0.1:81", "http://[::ffff:127.0.0.1]"], ["http://127.0.0.2"]),
    "127.0.0.1:81": (["http://127.0.0.1:81"], ["http://127.0.0.1"]),
    "10.0.0.0/8": (
        ["http://10.0.0.1", "https://10.255.255.255:81", "http://[::ffff:10.1.2.3]"],
        ["http://11.0.0.1", "http://10.test", "http://[::1]", "http://10.0.0.1.test"],
    ),
    "10.1.2.3/8": (["http://10.9.9.9"], ["http://11.0.0.1"]),
    "10.0.0.0/255.0.0.0": (["http://10.9.9.9"], ["http://11.0.0.1"]),
    "0.0.0.0/0": (["http://1.2.3.4"], ["http://a.test"]),
    "fd00::/8": (["http://[fd00::1]", "http://[FDFF::1]:81"], ["http://[fe00::1]", "http://10.0.0.1"]),
    "[fd00::]/8": (["http://[fd00::1]"], ["http://[fe00::1]"]),
    "[fd00::/8]": (["http://[fd00::1]"], ["http://[fe00::1]"]),
    "::1": (["http://[::1]", "http://[0:0:0:0:0:0:0:1]:81"], ["http://[::2]"]),
    "[::1]": (["http://[::1]", "http://[::1]:81"], ["http://[::2]"]),
    "0:0:0:0:0:0:0:1": (["http://[::1]"], ["http://[::2]"]),
    "[::1]:81": (["http://[::1]:81"], ["http://[::1]"]),
    "::ffff:10.0.0.1": (["http://10.0.0.1", "http://[::ffff:a00:1]"], ["http://10.0.0.2"]),
    "fe80::1%eth0": (["http://[fe80::1]"], ["http://[fe80::2]"]),
    "localhost,::1,[::1]": (["http://localhost", "http://[::1]"], ["http://a.test"]),
    "10.0.0.0/8,fd00::/8": (["http://10.2.3.4", "http://[fd12::1]"], ["http://a.test"]),
    "bücher.test": (["http://xn--bcher-kva.test", "http://a.xn--bcher-kva.test"], ["http://a.test"]),
}
CASES = [(text, url, False) for text, (excepted, _) in EXCEPTIONS.items() for url in excepted] + [
    (text, url, True) for text, (_, others) in EXCEPTIONS.items() for url in others
]


@pytest.mark.parametrize(("text", "url", "goes_through"), CASES)
@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_no_proxy_takes_every_form(
    variable: str, text: str, url: str, goes_through: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", "http://p.test")
    monkeypatch.setenv(variable, text)
    assert through(environment_proxies(), url) is goes_through


@pytest.mark.parametrize(
    "entry",
    [
        *("[::1", "::1]", "[]", "[::1]:x", "[::1]x", "::g", ":80", "a.test:x", "a.test:99999", "a b.test:80:81"),
        *("10.0.0.0/33", "10.0.0.0/", "/8", "10.0.0.0/8:80", "fd00::/129", "[fd00::/8]/8", "[fd00::]/8:80", "10.*"),
        *(
            "10.0.0",
            "256.0.0.1",
            "*a.test",
            "a.*.test",
            "**",
            "<local>",
            "http://",
            "a/b",
            "...",
            "[a.test]",
            "x" * 9999 + "*",
        ),
    ],
    ids=lambda entry: entry[:20],
)
def test_an_entry_that_cannot_be_read_is_ignored_alone(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://p.test")
    monkeypatch.setenv("NO_PROXY", f"one.test,{entry},other.test")
    with pytest.warns(RestliWarning, match=r"^a part of NO_PROXY in the environment is ignored") as caught:
        proxies = environment_proxies()
    assert len(caught) == 1
    assert len(str(caught[0].message)) < 400
    urls = ("http://one.test", "http://other.test", "http://10.0.0.1", "http://three.test")
    assert [through(proxies, url) for url in urls] == [False, False, True, True]


def test_where_there_is_no_proxy_its_exceptions_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "[::1")
    assert environment_proxies().by_scheme == {}


def test_a_system_has_proxies_and_exceptions_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"http": "http://p.test"})
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host == "a.test")
    proxies = environment_proxies()
    assert not through(proxies, "http://a.test")
    assert through(proxies, "http://b.test")
