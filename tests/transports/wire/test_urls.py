"""Where a URL leads, and what of it goes onto the wire."""

from __future__ import annotations

import pytest

from restli_core import InvalidCallError
from restli_transports.wire.urls import Origin, ParsedUrl, parse_url

PARSED: dict[str, ParsedUrl] = {
    "http://a.test/b?c=d": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/b?c=d"),
    "https://a.test:8443/b": ParsedUrl(Origin("https", "a.test", 8443), "a.test:8443", "https://a.test:8443", "/b"),
    "HTTPS://A.Test/B": ParsedUrl(Origin("https", "a.test", 443), "A.Test", "HTTPS://A.Test", "/B"),
    "http://a.test": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/"),
    "http://a.test?b": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/?b"),
    "http://a.test#b": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/"),
    "http://a.test/b?c#d?e": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/b?c"),
    "http://u:p@x@a.test/b": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/b"),
    "http://a.test:/b": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "/b"),
    "http://[::1]:81/b": ParsedUrl(Origin("http", "::1", 81), "[::1]:81", "http://[::1]:81", "/b"),
    "http://a.test//b/../%2e": ParsedUrl(Origin("http", "a.test", 80), "a.test", "http://a.test", "//b/../%2e"),
    "http://a.test:65535/": ParsedUrl(Origin("http", "a.test", 65535), "a.test:65535", "http://a.test:65535", "/"),
}


@pytest.mark.parametrize("url", PARSED)
def test_the_parts_of_a_url(url: str) -> None:
    assert parse_url(url) == PARSED[url]


@pytest.mark.parametrize(
    "url",
    [
        "/a",
        "a.test/b",
        "ftp://a.test/",
        "http://",
        "http:///a",
        "http://:1/",
        "http://a.test:x/",
        "http://a.test:65536/",
        "http://a.test:123456/",
        "http://[::1",
        "http://%6cocalhost/",
        "http://a b/",
    ],
)
def test_what_is_not_an_http_url_is_an_invalid_call(url: str) -> None:
    with pytest.raises(InvalidCallError, match="is not an http or https URL") as caught:
        parse_url(url)
    assert caught.value.argument == "url"


@pytest.mark.parametrize("url", ["http://[127.0.0.1]/", "http://[:]/", "http://[1:2]/"])
def test_brackets_without_an_ipv6_address_are_an_invalid_call(url: str) -> None:
    with pytest.raises(InvalidCallError, match="no IPv6 address"):
        parse_url(url)


def test_the_text_of_a_url_is_without_what_is_never_sent() -> None:
    assert parse_url("http://user:secret@a.test/b?c#d").text == "http://a.test/b?c"


@pytest.mark.parametrize(
    ("origin", "text"),
    [(Origin("http", "a.test", 80), "http://a.test:80"), (Origin("https", "::1", 8443), "https://[::1]:8443")],
    ids=["name", "IPv6"],
)
def test_the_text_of_an_origin(origin: Origin, text: str) -> None:
    assert str(origin) == text
