"""HTTP messages: laws of Headers, what no request can be, what is never shown, and how values copy."""

from __future__ import annotations

import base64
import copy
import pickle
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from restli_core import calls
from restli_core.errors import InvalidCallError
from restli_core.messages import Authorization, Headers, HttpRequest, HttpResponse, bearer, check_token, shown_url

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AGAIN: list[Callable[[Any], Any]] = [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy]

# Headers

PAIRS = [("Accept", "a"), ("X-B", "1"), ("accept", "b"), ("x-c", "")]


def test_headers_are_a_mapping_whose_names_match_in_any_case() -> None:
    headers = Headers(PAIRS)
    assert isinstance(headers, Mapping)
    assert headers["ACCEPT"] == headers["accept"] == "a, b"
    assert headers["X-C"] == ""
    assert list(headers) == ["Accept", "X-B", "x-c"]
    assert len(headers) == 3
    assert dict(headers) == {"Accept": "a, b", "X-B": "1", "x-c": ""}
    assert list(headers.items()) == [(name, headers[name]) for name in headers]
    assert headers.raw == tuple(PAIRS)


def test_headers_know_what_they_have() -> None:
    headers = Headers(PAIRS)
    anything: list[object] = ["X-D", "", 5, None, b"accept", ("Accept", "a")]
    for name in anything:
        assert name not in headers
        assert headers.get(name) is None  # type: ignore[call-overload]
        with pytest.raises(KeyError) as caught:
            headers[name]  # type: ignore[index]
        assert caught.value.args == (name,)
    assert "x-b" in headers
    assert headers.get("x-d", "none") == "none"


@pytest.mark.parametrize(
    "fields", [{"A": "1", "B": "2"}, [("A", "1"), ["B", "2"]], iter([("A", "1"), ("B", "2")]), {}, ()]
)
def test_headers_are_made_of_a_mapping_or_pairs(fields: Any) -> None:
    headers = Headers(fields)
    assert headers == (Headers([("b", "2"), ("a", "1")]) if headers.raw else Headers())
    assert Headers(headers).raw is headers.raw


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        (Headers([("x-b", "1"), ("X-C", ""), ("ACCEPT", "a, b")]), True),
        ({"accept": "a, b", "X-B": "1", "X-C": ""}, True),
        ({"Accept": "a", "accept": "b", "X-B": "1", "X-C": ""}, True),
        (Headers([("Accept", "b"), ("Accept", "a"), ("X-B", "1"), ("X-C", "")]), False),
        ({"accept": "a, b", "X-B": "1"}, False),
        ({"accept": "A, b", "X-B": "1", "X-C": ""}, False),
        ({1: 2}, False),
        ({"accept": 5}, False),
        (PAIRS, False),
        ("Accept", False),
        (None, False),
    ],
)
def test_headers_are_equal_when_they_say_the_same(other: Any, equal: bool) -> None:
    headers = Headers(PAIRS)
    assert (headers == other) is equal
    assert (other == headers) is equal
    assert (headers != other) is not equal
    if equal and isinstance(other, Headers):
        assert hash(headers) == hash(other)


def test_headers_are_immutable() -> None:
    headers = Headers(PAIRS)
    for attribute in ("raw", "_folded", "new"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(headers, attribute, ())
        with pytest.raises(AttributeError, match="immutable"):
            delattr(headers, attribute)
    with pytest.raises(TypeError):
        headers["Accept"] = "x"  # type: ignore[index]
    assert not hasattr(headers, "__dict__")


@pytest.mark.parametrize("again", AGAIN)
def test_headers_pickle_and_copy(again: Callable[[Any], Any]) -> None:
    headers = again(Headers(PAIRS))
    assert headers == Headers(PAIRS)
    assert headers.raw == tuple(PAIRS)


def test_headers_show_no_secret() -> None:
    secret = [
        ("Authorization", "s3cret"),
        ("PROXY-authorization", "s3cret"),
        ("Cookie", "s3cret"),
        ("set-cookie", "s3cret"),
        ("X-Api-Key", "s3cret"),
        ("X-RestLi-Id", "s3cret"),
    ]
    shown = [*((name, "…") for name, _ in secret), ("Content-type", "shown")]
    assert repr(Headers([*secret, ("Content-type", "shown")])) == f"Headers({shown!r})"


def test_without_drops_names_in_any_case() -> None:
    assert Headers(PAIRS).without("ACCEPT", "X-Unknown").raw == (("X-B", "1"), ("x-c", ""))
    assert Headers(PAIRS).without() == Headers(PAIRS)


def test_what_has_nothing_to_drop_is_given_back() -> None:
    request = HttpRequest("POST", "https://h/login", {"Authorization": "Bearer x", "X-B": "1"}, b"{}")
    assert request.headers.without("X-Unknown") is request.headers
    redacted = request.redacted()
    assert redacted.redacted() is redacted
    assert HttpRequest("GET", "https://u:p@h/").redacted().url == "https://h/"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("X-New", (*PAIRS, ("X-New", "n"))),
        ("x-b", (("Accept", "a"), ("accept", "b"), ("x-c", ""), ("x-b", "n"))),
        ("ACCEPT", (("X-B", "1"), ("x-c", ""), ("ACCEPT", "n"))),
    ],
)
def test_a_field_takes_the_place_of_those_of_its_name(name: str, raw: tuple[tuple[str, str], ...]) -> None:
    headers = Headers(PAIRS)
    changed = headers.with_field(name, "n")
    assert changed.raw == raw
    assert changed == Headers(raw)
    assert (changed[name], dict(changed), len(changed)) == ("n", dict(Headers(raw)), len(Headers(raw)))
    assert headers.raw == tuple(PAIRS)


def test_headers_hold_whatever_a_server_sends() -> None:
    assert Headers({"X-Odd": " \x00\u00e9\r\n"})["x-odd"] == " \x00\u00e9\r\n"


# HttpRequest


def test_a_request_is_what_it_was_given() -> None:
    request = HttpRequest("GET", "http://h/r?a=1", {"A": "1"}, b"x")
    assert (request.method, request.url, request.body) == ("GET", "http://h/r?a=1", b"x")
    assert request.headers.raw == (("A", "1"),)
    assert HttpRequest("GET", "http://h") == HttpRequest("GET", "http://h", [], b"")
    headers = Headers({"A": "1"})
    assert HttpRequest("GET", "http://h", headers).headers is headers


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "!~", "a  b", "Bearer x.y-z_~+/="])
def test_values_that_a_header_can_carry(value: str) -> None:
    assert HttpRequest("GET", "http://h").with_header("X", value).headers["X"] == value
    assert HttpRequest("GET", "http://h", {"X": value}).headers["X"] == value


BAD_VALUES: list[Any] = [
    *(
        " a",
        "a ",
        "\ta",
        "a\t",
        " ",
        "a\r\nX: b",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\x0bb",
        "a\x7f",
        "\u00e9",
        "a\u2028b",
        "\ud800",
    ),
    *("a\n", 5, None, b"a", ["a"]),
]


@pytest.mark.parametrize("value", BAD_VALUES)
@pytest.mark.parametrize("pack", [lambda value: {"X": value}, lambda value: [("A", "b"), ("X", value)]])
def test_values_that_no_header_can_carry(pack: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        HttpRequest("GET", "http://h", pack(value))
    assert caught.value.argument == "headers['X']"
    expected = "must be visible ASCII, with spaces or tabs only inside"
    if not isinstance(value, str):
        expected = f"must be text, not {type(value).__name__}"
    elif value != value.strip():
        expected += ": take the white space around it away"
    assert caught.value.reason == expected


def test_headers_of_a_server_go_into_no_request_unchecked() -> None:
    with pytest.raises(InvalidCallError, match=r"headers\['X'\]"):
        HttpRequest("GET", "http://h", Headers({"X": "a\r\nb"}))


TEXT = "names must be text, not {0.__name__}"
BAD_NAMES: list[Any] = [
    "",
    " X",
    "X ",
    "X:",
    "X Y",
    "X\r\nY",
    "X\0",
    "X\u00e9",
    "(X)",
    '"X"',
    "X/Y",
    5,
    None,
    b"X",
    ("X",),
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_are_no_tokens(name: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        HttpRequest("GET", "http://h", [(name, "s3cret")])
    assert caught.value.argument == "headers"
    assert caught.value.reason == (
        f"the name {name!r} is not a token" if isinstance(name, str) else TEXT.format(type(name))
    )
    assert "s3cret" not in str(caught.value)
    with pytest.raises(InvalidCallError) as caught:
        HttpRequest(name, "http://h")
    assert caught.value.argument == "method"


@pytest.mark.parametrize(
    "url",
    ["", "http://h/a b", "http://h/\r\n", "http://h/\u00e9", "http://h\x7f", "http://h\0", "http://h\n", 5, None, b"/"],
)
def test_urls_that_are_not_wholly_visible_ascii(url: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        HttpRequest("GET", url)
    assert caught.value.argument == "url"


@pytest.mark.parametrize("body", ["x", None, bytearray(b"x"), memoryview(b"x"), [120]])
def test_bodies_that_are_not_bytes(body: Any) -> None:
    with pytest.raises(InvalidCallError, match=f"must be bytes, not {type(body).__name__}") as caught:
        HttpRequest("GET", "http://h", (), body)
    assert caught.value.argument == "body"


def test_requests_are_immutable_values() -> None:
    request = HttpRequest("GET", "http://h", {"A": "1"}, b"x")
    with pytest.raises(AttributeError):
        request.url = "http://other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        delattr(request, "url")
    assert not hasattr(request, "__dict__")
    assert len({request, HttpRequest("GET", "http://h", {"a": "1"}, b"x")}) == 1
    assert len({request, HttpRequest("GET", "http://h", {"a": "1"}, b"y")}) == 2


@pytest.mark.parametrize("again", AGAIN)
def test_requests_pickle_and_copy(again: Callable[[Any], Any]) -> None:
    request = HttpRequest("POST", "http://h", PAIRS, b"\xff")
    assert again(request) == request
    assert again(request).headers.raw == request.headers.raw


def test_a_header_is_added_or_put_in_the_place_of_another() -> None:
    request = HttpRequest("POST", "http://h/r", PAIRS, b"x")
    token = request.with_header("Authorization", "Bearer t")
    assert token == HttpRequest("POST", "http://h/r", [*PAIRS, ("Authorization", "Bearer t")], b"x")
    assert token.headers.raw == (*PAIRS, ("Authorization", "Bearer t"))
    assert token.with_header("authorization", "Bearer u").headers.raw == (*PAIRS, ("authorization", "Bearer u"))
    assert request == HttpRequest("POST", "http://h/r", PAIRS, b"x")
    assert pickle.loads(pickle.dumps(token)) == token


@pytest.mark.parametrize("value", BAD_VALUES)
def test_a_header_that_is_added_is_checked(value: Any) -> None:
    request = HttpRequest("GET", "http://h")
    with pytest.raises(InvalidCallError) as caught:
        request.with_header("X", value)
    assert caught.value.argument == "headers['X']"
    with pytest.raises(InvalidCallError, match="names must be text" if isinstance(value, bytes) else ".*"):
        request.with_header(b"X" if isinstance(value, bytes) else "X Y", "a")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/r", "http://h/r"),
        ("http://h/r?", "http://h/r"),
        ("http://h/r?a=s3cret&b=&c", "http://h/r?a=…&b=…&c=…"),
        ("http://h/r?a=1?b=s3cret", "http://h/r?a=…"),
        ("https://user:s3cret@h:80/r?a=x@y", "https://h:80/r?a=…"),
        ("http://s3cret@h", "http://h"),
        ("http://a:b@s3cret@h/r@s", "http://h/r@s"),
        ("//s3cret@h/r", "//h/r"),
        ("/r@x//y@z", "/r@x//y@z"),
        ("/r?redirect=http://user:s3cret@h", "/r?redirect=…"),
        ("/r?" + "&".join(f"p{n}=s3cret" for n in range(8)), "/r?" + "&".join(f"p{n}=…" for n in range(8))),
        ("/r?" + "&".join(f"p{n}=s3cret" for n in range(9)), "/r?" + "&".join(f"p{n}=…" for n in range(8)) + "&…"),
    ],
)
def test_the_line_shows_no_user_and_no_values(url: str, shown: str) -> None:
    request = HttpRequest("GET", url, {"Authorization": "s3cret"}, b"s3cret")
    assert request.line == f"GET {shown}"
    assert repr(request) == f"<HttpRequest GET {shown}, 6 bytes>"


@pytest.mark.parametrize(
    ("content_type", "kept"),
    [
        ("application/json", b"x=1"),
        ("application/x-www-form-urlencoded", b""),
        ("Application/X-WWW-Form-URLEncoded ; charset=utf-8", b""),
        ("application/x-www-form-urlencoded-not", b"x=1"),
        (None, b"x=1"),
    ],
)
def test_redacted_requests_have_no_secret(content_type: str | None, kept: bytes) -> None:
    secret = {"Authorization": "s", "Proxy-Authorization": "s", "Cookie": "s", "Set-Cookie": "s"}
    told = {"LinkedIn-Version": "202609"} | ({"Content-Type": content_type} if content_type else {})
    request = HttpRequest("POST", "http://u:p@h/r?a=1", {**secret, **told}, b"x=1").redacted()
    assert request == HttpRequest("POST", "http://h/r?a=1", told, kept)
    assert request.redacted() == request


@pytest.mark.parametrize(
    ("headers", "body", "text", "shown"),
    [
        ({"Authorization": "Bearer s3cret-t"}, b"", "s3cret-t, Bearer s3cret-t", "…, Bearer …"),
        ({"Authorization": "Bearer s3cret/t"}, b"", "s3cret/t, s3cret%2Ft", "…, …"),
        ({"Authorization": "Bearer s3cret-"}, b"", "s3cret-", "s3cret-"),
        ({"Authorization": "Bearer token"}, b"", "Invalid token_type", "Invalid token_type"),
        ({"Authorization": "s3cret-t"}, b"", "s3cret-t", "…"),
        ({}, b"", "s3cret-t", "s3cret-t"),
        (
            FORM,
            b"client_secret=s3%20cre%2Ft&client_id=application",
            "s3 cre/t, s3%20cre%2Ft, application",
            "…, …, application",
        ),
        (FORM, b"code=abcdefgh&refresh_token=abcdefghij&token=bcdefghi", "abcdefghij abcdefgh bcdefghi", "… … …"),
        (FORM, b"code_verifier=verify+me&code=&x&", "verify me, verify+me, x", "…, …, x"),
        (FORM, "code=éééé".encode(), "\u00c3\u00a9" * 4, "…"),
        ({"Content-Type": "application/json"}, b"code=abcdefgh", "abcdefgh", "abcdefgh"),
    ],
)
def test_texts_without_the_secrets_of_a_request(headers: dict[str, str], body: bytes, text: str, shown: str) -> None:
    assert HttpRequest("POST", "/r", headers, body).without_secrets(text) == shown


UPLOAD = "https://www.linkedin.com/dms-uploads/D4E22/initial-upload/0?ca=vector&signed=hidden%253D"
HIDING = HttpRequest("PUT", UPLOAD, {"Authorization": "Bearer abcdefgh"}, b"bytes").hiding_url()


@pytest.mark.parametrize(
    "request_",
    [
        HIDING,
        HIDING.with_header("X-Part", "1"),
        HIDING.redacted(),
        pickle.loads(pickle.dumps(HIDING)),
        copy.copy(HIDING),
        copy.deepcopy(HIDING),
        HIDING.__replace__(body=b""),
    ],
)
def test_a_url_that_is_a_secret_is_shown_up_to_its_host(request_: HttpRequest) -> None:
    assert request_.line == "PUT https://www.linkedin.com/..."
    assert request_.redacted().url == "https://www.linkedin.com/..."
    assert "dms" not in repr(request_)


@pytest.mark.parametrize(
    "text",
    [
        f"cannot PUT {UPLOAD}: broken",
        f"no path {UPLOAD[24:]}",
        "ca=vector&signed=hidden%253D",
        "/dms-uploads/D4E22/initial-upload/0",
        "the signature hidden%253D is not ours",
        "the signature hidden%3D is not ours",  # decoded once
        "https%3A%2F%2Fwww.linkedin.com%2Fdms-uploads%2FD4E22%2Finitial-upload%2F0",
    ],
)
def test_texts_without_a_url_that_is_a_secret(text: str) -> None:
    shown = HIDING.without_secrets(text)
    assert "D4E22" not in shown
    assert "hidden" not in shown


def test_of_very_many_values_the_longest_are_taken_out() -> None:
    query = "&".join(f"a={number:08}" for number in range(20_000))
    request = HttpRequest("PUT", f"{UPLOAD}&{query}").hiding_url()
    assert request.without_secrets("hidden%253D, not 00000001") == "…, not 00000001"


def test_a_url_that_is_a_secret_goes_out_as_it_is() -> None:
    assert HIDING.url == UPLOAD
    assert HttpRequest("PUT", UPLOAD, {"Authorization": "Bearer abcdefgh"}, b"bytes") == HIDING
    assert HttpRequest("PUT", "https://example.com", {}).hiding_url().line == "PUT https://example.com/..."
    assert HIDING.with_header("A", "b").hides_url
    assert not HttpRequest("PUT", UPLOAD).hides_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/login", "https://h/login"),
        ("https://u:s3cret@h/login?next=s3cret&s3cret&a=#s3cret", "https://h/login?next=…&…&a=…"),
        ("/login?", "/login"),
        ("/login#s3cret?a=s3cret", "/login"),
        ("?" + "&".join(f"p{n}=s3cret" for n in range(9)), "?" + "&".join(f"p{n}=…" for n in range(8)) + "&…"),
        ("", ""),
    ],
)
def test_urls_of_servers_are_shown_without_values(url: str, shown: str) -> None:
    assert shown_url(url) == shown


# HttpResponse


def test_a_response_is_what_it_was_given() -> None:
    native = object()
    response = HttpResponse(200, [("A", "1"), ("a", "2")], b"x", "http://h", native)
    assert (response.status_code, response.body, response.url) == (200, b"x", "http://h")
    assert response.headers["A"] == "1, 2"
    assert response.native is native
    assert HttpResponse(204) == HttpResponse(204, {}, b"", "", native)


@pytest.mark.parametrize("again", AGAIN)
def test_native_is_no_part_of_the_value(again: Callable[[Any], Any]) -> None:
    response = HttpResponse(200, {"A": "1"}, b"x", "http://h", lambda: None)
    other = again(response)
    assert other == response == HttpResponse(200, {"a": "1"}, b"x", "http://h")
    assert other.native is None
    assert hash(response) == hash(other)


@pytest.mark.parametrize(
    "other",
    [
        HttpResponse(201, {"A": "1"}, b"x", "u"),
        HttpResponse(200, {"A": "2"}, b"x", "u"),
        HttpResponse(200, {"A": "1"}, b"y", "u"),
        HttpResponse(200, {"A": "1"}, b"x", "v"),
    ],
)
def test_responses_differ_in_anything_else(other: HttpResponse) -> None:
    assert HttpResponse(200, {"A": "1"}, b"x", "u") != other


def test_responses_are_immutable_and_show_no_body() -> None:
    response = HttpResponse(200, {"Set-Cookie": "s3cret"}, b"s3cret", "http://h/s3cret", "s3cret")
    assert repr(response) == "<HttpResponse 200, 6 bytes>"
    with pytest.raises(AttributeError):
        response.body = b""  # type: ignore[misc]
    assert not hasattr(response, "__dict__")


def test_messages_may_be_replaced_in_part() -> None:
    request = HttpRequest("GET", "http://h", {"A": "1"}, b"x")
    assert request.__replace__(url="http://i") == HttpRequest("GET", "http://i", {"A": "1"}, b"x")
    with pytest.raises(InvalidCallError, match="url"):
        request.__replace__(url="a b")
    native = object()
    assert HttpResponse(200, (), b"x", native=native).__replace__(body=b"y").native is native


# Tokens


@pytest.mark.parametrize("token", ["a", "AQX-1_~+/=", "a,b"])
def test_tokens_that_a_header_can_carry(token: str) -> None:
    assert check_token(token) == token
    assert bearer(token) == f"Bearer {token}"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "must be text, and not empty"),
        (None, "must be text, or an Authorization, not NoneType"),
        (b"s3cret", "must be text, or an Authorization, not bytes"),
        (("user", "s3cret"), "must be text, or an Authorization, not tuple"),
        (
            SimpleNamespace(token=print),
            "must be text, or an Authorization, not SimpleNamespace: a source of tokens is for a client",
        ),
        ("s3cret\n", "must be visible ASCII, with spaces or tabs only inside: take the white space around it away"),
        ("s3cret\r\nX: y", "must be visible ASCII"),
        (" s3cret", "must be visible ASCII"),
        ("s3cret\u00e9", "must be visible ASCII"),
        ("Bearer s3cret", "has a space in it"),
        ("s3c\tret", "has a space in it"),
    ],
)
def test_tokens_that_no_header_can_carry(token: Any, reason: str) -> None:
    for function in (check_token, bearer):
        with pytest.raises(InvalidCallError) as caught:
            function(token)
        assert caught.value.argument == "access_token"
        assert caught.value.reason.startswith(reason)
        assert "s3c" not in str(caught.value)


# Authorization


@pytest.mark.parametrize("value", ["Token s3cret", "s3cret", "Digest a=b, c=d", "Bearer s3cret"])
def test_an_authorization_is_sent_as_it_is(value: str) -> None:
    given = Authorization(value)
    assert bearer(given) == value
    assert calls.get("/r", access_token=given).request.headers["Authorization"] == value


def test_an_authorization_is_a_value_that_shows_nothing() -> None:
    given = Authorization("Token s3cret")
    assert given == Authorization("Token s3cret")
    assert given != Authorization("Token other")
    assert given != "Token s3cret"
    assert hash(given) == hash(Authorization("Token s3cret"))
    assert f"{given}|{given!r}|{[given]}" == "<Authorization>|<Authorization>|[<Authorization>]"
    for again in (pickle.loads(pickle.dumps(given)), copy.copy(given), copy.deepcopy(given)):
        assert again == given
    with pytest.raises(AttributeError):
        given.value = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    "value", ["", None, 5, b"Token s3cret", " s3cret", "s3cret\r\nX: y", "s3cret\u00e9", "s3cret\ud800"]
)
def test_an_authorization_that_no_header_can_carry(value: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Authorization(value)
    assert caught.value.argument == "Authorization"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "password", "value"),
    [
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),  # RFC 7617 section 2
        ("test", "123\u00a3", "Basic dGVzdDoxMjPCow=="),  # section 2.1
        ("", "", "Basic Og=="),
        ("a", "b:c" * 40, "Basic " + base64.b64encode(b"a:" + b"b:c" * 40).decode()),
    ],
)
def test_basic_is_as_the_rfc_has_it(user: str, password: str, value: str) -> None:
    assert Authorization.basic(user, password) == Authorization(value)


@pytest.mark.parametrize(
    ("user", "password", "argument"),
    [
        ("a:s3cret", "p", "user"),
        ("s3cret\n", "p", "user"),
        (None, "p", "user"),
        ("u", "s3cret\0", "password"),
        ("u", "s3cret\ud800", "password"),
        ("u", b"s3cret", "password"),
    ],
)
def test_basic_refuses_what_cannot_be_told_apart(user: Any, password: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Authorization.basic(user, password)
    assert caught.value.argument == argument
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        ("Token s3cret-word", "got Token s3cret-word", "got Token …"),
        ("s3cret-word", "got s3cret-word", "got …"),
        ("Basic dXNlcjpzM2NyZXQtd29yZA==", "dXNlcjpzM2NyZXQtd29yZA== is user, s3cret-word", "… is user, …"),
        ("basic dXNlcjpzM2NyZXQtd29yZA==", "s3cret-word", "…"),
        ("Basic not base64!", "not base64! s3cret-word", "… s3cret-word"),
        ("Basic /////w==", "/////w==", "…"),
    ],
)
def test_texts_without_any_authorization(value: str, text: str, shown: str) -> None:
    assert HttpRequest("GET", "/", {"Authorization": value}).without_secrets(text) == shown
