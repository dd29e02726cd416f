"""Where requests go, and what they probably mean."""

from __future__ import annotations

import pytest

from restli_core.explaining.targets import (
    Target,
    is_key,
    json_document,
    split_target,
    understood,
    without_decoration,
)
from restli_core.messages import HttpRequest
from restli_core.server import Refusal

PROTOCOL = {"X-RestLi-Protocol-Version": "2.0.0"}


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://api.linkedin.com/rest/posts?a=b?c", ("https://api.linkedin.com", "/rest", "/posts", "a=b?c")),
        ("/v2/me", ("", "/v2", "/me", "")),
        ("/v2", ("", "/v2", "", "")),
        ("/restful/x", ("", "", "/restful/x", "")),
        ("http://h", ("http://h", "", "", "")),
    ],
)
def test_parts(url: str, parts: tuple[str, ...]) -> None:
    target = split_target(url)
    assert target == Target(*parts)
    assert target.url == url


@pytest.mark.parametrize(
    ("url", "is_linkedin", "is_versioned"),
    [
        ("/rest/posts", True, True),
        ("/posts", True, False),
        ("https://api.linkedin.com/v2/me", True, False),
        ("https://API.LinkedIn.com:443/rest/me", True, True),
        ("https://linkedin.com.example.org/rest/me", False, False),
    ],
)
def test_whose_they_are(url: str, is_linkedin: bool, is_versioned: bool) -> None:
    target = split_target(url)
    assert (target.is_linkedin, target.is_versioned) == (is_linkedin, is_versioned)


@pytest.mark.parametrize(
    ("segment", "before", "found"),
    [
        ("5", "adAccounts", True),
        ("urn%3Ali%3Ax%3A1", "posts", True),
        ("(a:1)", "posts", True),
        ("Ab", "people", True),
        ("comments", "posts", False),
        ("5", None, False),
        ("5", "6", False),
        ("", "posts", False),
    ],
)
def test_keys_by_their_looks(segment: str, before: str | None, found: bool) -> None:
    assert is_key(segment, before) is found


def test_decoration_is_a_text_to_linkedin() -> None:
    url = "/v2/me?a=1&projection=(id,name~)&projection=(a:b)"
    assert without_decoration(split_target(url)).query == "a=1&projection=%28id%2Cname~%29&projection=(a:b)"
    other = split_target(f"http://h{url}")
    assert without_decoration(other) is other


@pytest.mark.parametrize(
    ("method", "url", "body", "meant"),
    [
        ("GET", "/posts/5", b"", "get"),
        ("GET", "/posts", b"", "get_all"),
        ("GET", "/me", b"", "get"),
        ("GET", "/posts?q=a", b"", "finder"),
        ("POST", "/posts", b"{}", "create"),
        ("POST", "/posts", b'{"elements": [{}]}', "batch_create"),
        ("POST", "/posts", b'{"elements": [1]}', "create"),
        ("POST", "/posts", b'{"elements": 1}', "create"),
        ("POST", "/posts/5", b'{"patch": {}}', "partial_update"),
        ("POST", "/posts/5", b'{"patch": 1}', "create"),
        ("POST", "/posts/5", b'{"patch": {}, "a": 1}', "create"),
        ("DELETE", "/posts/5", b"", "delete"),
    ],
)
def test_what_is_probably_meant(method: str, url: str, body: bytes, meant: str) -> None:
    assert understood(HttpRequest(method, url, PROTOCOL, body), None).method == meant


def test_declared_resources_leave_no_guess() -> None:
    request = HttpRequest("POST", "/rest/posts", PROTOCOL, b'{"patch": {}}')
    assert understood(request, ["/posts/{id}"]).method == "create"


def test_what_a_server_refuses() -> None:
    with pytest.raises(Refusal):
        understood(HttpRequest("GET", "/posts", {}), None)
    with pytest.raises(Refusal, match="expected one of"):
        understood(HttpRequest("GET", "/posts", {**PROTOCOL, "X-HTTP-Method-Override": "get"}), None)


def test_documents(depth: int) -> None:
    assert json_document(b"[1]") == [1]
    assert json_document(b"{") is None
    assert json_document(b"[" * depth) is None
