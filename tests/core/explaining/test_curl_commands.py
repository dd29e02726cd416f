"""Commands of curl, as shells, browsers and this package write them."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from restli_core import calls
from restli_core.base_errors import InvalidCallError
from restli_core.explaining.curl_commands import HIDDEN, is_curl_command
from restli_core.explaining.pasted import Pasted, read_pasted
from restli_core.methods import METHODS
from tests.support.samples import call

URL = "https://api.linkedin.com/rest/posts"
FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        (f"curl {URL}", ("GET", URL, (), b"")),
        (f"$ curl -i -sSL --compressed '{URL}#x'", ("GET", URL, (), b"")),
        (f"curl -X DELETE --url {URL}", ("DELETE", URL, (), b"")),
        (f"curl -XPUT -H'A: b' -H 'C:' -H 'D;' {URL}", ("PUT", URL, (("A", "b"),), b"")),
        (f"curl --request post --header \"A: $B\" {URL}", ("POST", URL, (("A", "$B"),), b"")),
        (f"curl -I -A me -u me:secret -o out {URL}",
         ("HEAD", URL, (("User-Agent", "me"), ("Authorization", "Basic ...")), b"")),
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
        with pytest.raises(InvalidCallError, match="is not a request"):
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


def test_a_quote_that_does_not_end() -> None:
    with pytest.raises(InvalidCallError, match=r"not closed: that at line 2, character 5$") as caught:
        read_pasted("curl -u me:s3cret\n -H 'Authorization: Bearer s3cret https://h/r")
    assert "s3cret" not in str(caught.value)


def test_a_command_is_read_as_shlex_does() -> None:
    command = f"curl -X POST {shlex.quote(URL)} -H {shlex.quote('A: b')} -d {shlex.quote(chr(39))}"
    assert read_pasted(command) == Pasted("POST", URL, (("A", "b"), FORM), b"'")


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("parameter", ["café ' %s \\ \x07", "a" * 40_000], ids=["octets", "long"])
def test_our_own_commands_with_a_pipe_are_read(name: str, parameter: str) -> None:
    made = call(name, query_params={"p": parameter}, tunnel_above=0)
    request, command = made.request, made.curl(None)
    pasted = read_pasted(command)
    assert command.startswith("printf ") is (len(request.body) > 32_768 or b"\r" in request.body)
    assert (pasted.method, pasted.url, pasted.body) == (request.method, request.url, request.body)


def test_octets_of_a_pipe_are_read() -> None:
    made = calls.create("/posts", {"text": "\x85\u202e'%\\ é"})
    assert made.curl(None).startswith("printf ")
    assert read_pasted(made.curl(None)).body == made.request.body


@pytest.mark.parametrize(
    ("producer", "option", "body"),
    [
        (r"printf '%s-%s%%\n' a", "--data-binary @-", b"a-%\n"),
        (r"printf '\101\q\t'", "--data-binary @-", b"A\\q\t"),
        ("printf 'a\nb'", "-d @-", b"ab"),
        ("echo '{}' é", "--json @-", "{} é\n".encode()),
        ("echo -n a", "--data-binary @-", b"a"),
        ("echo a", "--data-raw @-", b"@-"),
        ("printf", "--data-binary @-", None),
        ("cat entity.json", "--data-binary @-", None),
    ],
)
def test_what_is_piped_into_it_is_its_body(producer: str, option: str, body: bytes | None) -> None:
    command = f"{producer} | curl {option} {URL} | jq -d ."
    assert is_curl_command(command)
    pasted = read_pasted(command)
    assert (pasted.url, pasted.body) == (URL, body)
    assert pasted.notes == (() if body else ("the body is that which is piped into it, and not shown here",))


def test_what_a_browser_copies_for_cmd() -> None:
    command = f"""curl ^"{URL}?a=1^&b=%2C^" ^\r\n  -H ^"A: b^" ^\n  --data-raw ^"^{{\\^"c\\^":1^}}^\""""
    pasted = read_pasted(command)
    assert (pasted.method, pasted.url, pasted.body) == ("POST", f"{URL}?a=1&b=%2C", b'{"c":1}')
    assert pasted.headers == (("A", "b"), FORM)


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("-u me:s3cret", ("Authorization", f"Basic {HIDDEN}")),
        ("--oauth2-bearer s3cret", ("Authorization", f"Bearer {HIDDEN}")),
        ("-b a=s3cret", ("Cookie", HIDDEN)),
    ],
)
def test_fields_that_options_make(option: str, field: tuple[str, str]) -> None:
    assert read_pasted(f"curl {option} {URL}") == Pasted("GET", URL, (field,), b"")
