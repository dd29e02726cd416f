"""What people paste, taken apart."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from restli_core.base_errors import InvalidCallError
from restli_core.explaining.curl_commands import HIDDEN
from restli_core.explaining.pasted import read_pasted

URL = "https://api.linkedin.com/rest/posts"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (URL, (None, URL, None, None)),
        (f"  <{URL}>\n", (None, URL, None, None)),
        (f"get {URL}", ("GET", URL, None, None)),
        (f"DELETE  {URL}/5", ("DELETE", f"{URL}/5", None, None)),
        ("/posts?a=b#c", (None, "/posts?a=b", None, None)),
        ("\ufeffapi.linkedin.com/rest/posts", (None, URL, None, None)),
        ("localhost:8080/entities?a=b", (None, "https://localhost:8080/entities?a=b", None, None)),
        (f"GET {URL}?q=author\n  &author=x\n&count=5", ("GET", f"{URL}?q=author&author=x&count=5", None, None)),
        (f"GET {URL}?q=a b", ("GET", f"{URL}?q=a b", None, None)),
        (f"GET {URL} HTTP/1.1", ("GET", URL, (), b"")),
        (f"GET {URL}\n?a=b HTTP/1.1\n", ("GET", f"{URL}?a=b", (), b"")),
        (f"POST {URL} HTTP/1.1\r\nA: b\r\nC:\r\n\r\n{{\r\n}}\r\n", ("POST", URL, (("A", "b"), ("C", "")), b"{\n}")),
        (f"POST {URL}\nA: b\n{{}}", ("POST", URL, (("A", "b"),), b"{}")),
        (f"{URL}?a=(b:\nList(1))", (None, f"{URL}?a=(b:List(1))", None, None)),
        (f"POST {URL}\n{{}}", ("POST", URL, (), b"{}")),
        (f"'{URL}'", (None, URL, None, None)),
        (f"> GET {URL} HTTP/1.1\n> A: b\n>\n", ("GET", URL, (("A", "b"),), b"")),
    ],
)
def test_urls_and_raw_requests(text: str, parts: tuple[Any, ...]) -> None:
    pasted = read_pasted(text)
    assert (pasted.method, pasted.url, pasted.headers, pasted.body) == parts


def test_secrets_are_hidden() -> None:
    pasted = read_pasted(
        "https://me:s3cret@h/r?a=1&oauth2_access_token=s3cret&client_secret=s3cret&access_token=s3cret"
    )
    assert pasted.url == f"https://h/r?a=1&oauth2_access_token={HIDDEN}&client_secret={HIDDEN}&access_token={HIDDEN}"
    assert pasted.hidden == ("oauth2_access_token", "client_secret", "access_token")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n \t", "is empty"),
        ("hello", "is not a request: paste a URL"),
        ("GET", "is not a request"),
        ("curl", "without a URL"),
        ("curl -H 'A: b'", "without a URL"),
        ("curl \"\" hello", "is not a request: paste a URL"),
        ("https://www.linkedin.com/oauth/v2/accessToken", "is a request of OAuth"),
        ("curl https://api.linkedin.com/v2/userinfo", "is a request of OAuth or OpenID Connect"),
        (5, "must be text, not int"),
    ],
)  # fmt: skip
def test_what_is_not_a_request(text: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError, match=reason) as caught:
        read_pasted(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "method", "url"),
    [
        (f"ERROR 400 for url: {URL}?ids=List(1,2", None, f"{URL}?ids=List(1,2"),
        (f"12:00 INFO HTTP Request: GET {URL}?q=a. Next", "GET", f"{URL}?q=a"),
        (f"see [this]({URL}/5)", None, f"{URL}/5"),
        (f"twice {URL} and {URL}", None, URL),
        ('1.2.3.4 - - [1/Oct/2026] "POST /rest/posts?ids=List(1) HTTP/1.1" 400 -', "POST", "/rest/posts?ids=List(1)"),
        ('https://api.linkedin.com:443 "GET /rest/me HTTP/1.1" 400 None', "GET", "/rest/me"),
    ],
)
def test_one_url_in_a_text_is_read(text: str, method: str | None, url: str) -> None:
    pasted = read_pasted(text)
    assert (pasted.method, pasted.url, pasted.headers, pasted.body) == (method, url, None, None)
    assert pasted.notes == ("the text has more than a URL, of which only the URL is read",)


def test_two_urls_in_a_text_are_none() -> None:
    with pytest.raises(InvalidCallError, match="is not a request"):
        read_pasted(f"either {URL}/1 or {URL}/2")


def test_ampersands_of_html() -> None:
    pasted = read_pasted(f"{URL}?a=1&amp;b=2&amp;access_token=s3cret")
    assert pasted.url == f"{URL}?a=1&b=2&access_token={HIDDEN}"
    assert pasted.notes == ("&amp; is how HTML writes &, and is read as that",)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"http GET {URL} LinkedIn-Version:202609", "a command of another program than curl"),
        (f"wget {URL}", "a command of another program than curl"),
        (f'Invoke-WebRequest -Uri "{URL}" `\n-Headers @{{}}', "PowerShell"),
        ("$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession", "PowerShell"),
        (f'fetch("{URL}", {{}});', "JavaScript"),
        (f'const answer = await fetch("{URL}")', "JavaScript"),
        (f'axios.get("{URL}")', "JavaScript"),
        (f'import requests\nrequests.get("{URL}")', "Python"),
        (f'r = requests.get("{URL}", params={{}})', "Python"),
        ("from urllib.request import urlopen", "Python"),
    ],
)
def test_code_is_not_read_and_said_to_be_code(text: str, what: str) -> None:
    with pytest.raises(InvalidCallError, match=f"is {what}, which is not read: paste its URL, or a curl command"):
        read_pasted(text)


@pytest.mark.parametrize("text", ["Bearer s3cret", "Authorization: Bearer s3cret", "s3cret", "curl '' s3cret"])
def test_no_error_shows_what_was_pasted(text: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        read_pasted(text)
    assert "s3cret" not in str(caught.value)


def test_secrets_in_a_form_are_hidden() -> None:
    pasted = read_pasted(f"curl -d 'a=1&client_secret=s3cret' {URL}")
    assert (pasted.body, pasted.hidden) == (b"a=1&client_secret=...", ("client_secret",))


@pytest.mark.parametrize("text", ["{URL}{space}x", "GET {URL}\nA: b{space}c", "GET {URL}\nA{space}b", "cat |{space}"])
def test_much_space_takes_no_longer_than_other_text(text: str) -> None:
    # A pattern that looks at each space once more for each one before it would need minutes.
    with suppress(InvalidCallError):
        read_pasted(text.replace("{URL}", URL).replace("{space}", " \t" * 100_000))
