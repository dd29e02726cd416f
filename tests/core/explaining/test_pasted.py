"""What people paste, taken apart."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.explaining.pasted import HIDDEN, Pasted, read_pasted
from restli_core.methods import METHODS
from tests.support.samples import call

URL = "https://api.linkedin.com/rest/posts"
FORM = ("Content-Type", "application/x-www-form-urlencoded")


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
        (f"> GET {URL} HTTP/1.1\n> A: b\n>\n", ("GET", URL, (("A", "b"),), b"")),
    ],
)
def test_urls_and_raw_requests(text: str, parts: tuple[Any, ...]) -> None:
    pasted = read_pasted(text)
    assert (pasted.method, pasted.url, pasted.headers, pasted.body) == parts


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        (f"curl {URL}", ("GET", URL, (), b"")),
        (f"$ curl -i -sSL --compressed '{URL}#x'", ("GET", URL, (), b"")),
        (f"curl -X DELETE --url {URL}", ("DELETE", URL, (), b"")),
        (f"curl -XPUT -H'A: b' -H 'C:' -H 'D;' {URL}", ("PUT", URL, (("A", "b"),), b"")),
        (f"curl --request post --header \"A: $B\" {URL}", ("POST", URL, (("A", "$B"),), b"")),
        (f"curl -I -A me -u me:secret -o out {URL}", ("HEAD", URL, (("User-Agent", "me"),), b"")),
        (f"curl -d '{{}}' {URL}", ("POST", URL, (FORM,), b"{}")),
        (f"curl {URL} -d a -d b", ("POST", URL, (FORM,), b"a&b")),
        (f"curl -H 'content-type: x/y' --data-raw @x {URL}", ("POST", URL, (("content-type", "x/y"),), b"@x")),
        (f"curl --json '{{' --json '}}' {URL}", ("POST", URL, (("Content-Type", "application/json"),), b"{}")),
        (f"curl -G {URL} --data-urlencode 'a=b c' --data-urlencode 'd e' --data-urlencode '=f g'",
         ("GET", f"{URL}?a=b%20c&d%20e&f%20g", (), b"")),
        (f"curl --get -d b=2 {URL}?a=1", ("GET", f"{URL}?a=1&b=2", (), b"")),
        (f"curl --get {URL}", ("GET", URL, (), b"")),
        (f"curl.exe -X GET ^\r\n {URL} ^\r\n -H \"A: b\"", ("GET", URL, (("A", "b"),), b"")),
        (f"curl - {URL} -X", ("", URL, (), b"")),
    ],
)  # fmt: skip
def test_commands_of_curl(command: str, parts: tuple[Any, ...]) -> None:
    if " - " in command:
        with pytest.raises(InvalidCallError, match="'-' is not a request"):
            read_pasted(command)
        return
    pasted = read_pasted(command)
    assert (pasted.method, pasted.url, pasted.headers, pasted.body) == parts


def test_files_are_not_shown() -> None:
    pasted = read_pasted(f"curl -d @entity.json {URL}")
    assert pasted.body is None
    assert pasted.notes == ("the body is in the file entity.json, and not shown here",)
    (note,) = read_pasted(f"curl -T a.png {URL}").notes
    assert note.startswith("--upload-file sends a file")


@pytest.mark.parametrize("name", METHODS)
def test_our_own_commands_are_read(name: str) -> None:
    made = call(name)
    request, pasted = made.request, read_pasted(made.curl(None))
    given = dict(pasted.headers or ())
    assert (pasted.method, pasted.url, given) == (request.method, request.url, {**request.headers})
    assert pasted.body == request.body


def test_quotes_that_are_none_or_missing() -> None:
    pasted = read_pasted("curl \u201chttps://h/r?a=1&b=2\u201d -H \u2018A: it\u2018")
    assert (pasted.url, pasted.headers) == ("https://h/r?a=1&b=2", (("A", "it"),))
    (note,) = pasted.notes
    assert note.startswith("the quotes are typographic")
    (note,) = read_pasted("curl https://h/r?a=1&b=List(2)").notes
    assert note == "the URL is not in quotes: a shell does not take the & in it for a part of it"
    assert read_pasted("curl 'https://h/r?a=1&b=2' -d 'it\u2019s'").notes == ()


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
        ("hello", "'hello' is not a request"),
        ("GET", "is not a request"),
        ("curl", "without a URL"),
        ("curl -H 'A: b'", "without a URL"),
        ("curl \"\" hello", "'hello' is not a request"),
        ("https://www.linkedin.com/oauth/v2/accessToken", "is a request of OAuth"),
        ("curl https://api.linkedin.com/v2/userinfo", "is a request of OAuth or OpenID Connect"),
        (5, "must be text, not int"),
    ],
)  # fmt: skip
def test_what_is_not_a_request(text: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError, match=reason) as caught:
        read_pasted(text)
    assert "\n" not in str(caught.value)


def test_a_quote_that_does_not_end() -> None:
    with pytest.raises(DecodeError, match="does not end"):
        read_pasted("curl 'https://h/r")


def test_a_command_is_read_as_shlex_does() -> None:
    command = f"curl -X POST {shlex.quote(URL)} -H {shlex.quote('A: b')} -d {shlex.quote(chr(39))}"
    assert read_pasted(command) == Pasted("POST", URL, (("A", "b"), FORM), b"'")
