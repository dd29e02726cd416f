from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from restli_core.errors import DecodeError, InvalidCallError
from restli_core.messages import Headers, HttpRequest
from restli_core.tunnelling import is_tunnelled, tunnel, untunnel
from tests.vectors import load, untagged

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def octets(message: dict[str, Any]) -> bytes:
    body = untagged(message.get("body", ""))
    return body if isinstance(body, bytes) else str(body).encode()


def read(message: dict[str, Any]) -> HttpRequest:
    return HttpRequest(message["method"], message["uri"], message["headers"], octets(message))


def quoted(uri: str) -> str:
    """The same URI as it goes out: java.net.URI also holds what is not ASCII, a request does not."""
    return quote(uri, safe=VISIBLE_ASCII)


def said(headers: Headers | dict[str, str]) -> Headers:
    """Headers less Content-Length, which a request as a value does not have: the transport counts the bytes."""
    return Headers(headers).without("Content-Length")


# tunnel, against Rest.li's client

TUNNEL_LEFT_OUT = {
    33: "the URL is a query alone, which no request line can have (RFC 9112 section 3.2); the reference keeps the "
    "query in the URL and repeats it in the body, so that its own server reads a=1&a=1"
}
TUNNEL_CASES = list(enumerate(load("tunnel")))


def tunnelled(case: dict[str, Any]) -> HttpRequest:
    """As the reference does it: a query that is shorter than the threshold stays where it is."""
    request = read(case["in"])
    query = request.url.partition("#")[0].partition("?")[2]
    return tunnel(request) if len(query) >= case["in"]["threshold"] else request


def boundary_of(content_type: str) -> str:
    boundary = re.search('boundary="(.*)"', content_type)
    return boundary[1] if boundary else ""


def with_boundary(body: bytes, boundary: str) -> bytes:
    """The reference's body with our boundary; where it is in base64, its own boundary still stands in it."""
    theirs = re.match(rb"--(.+)\r\n", body)
    return body.replace(theirs[1], boundary.encode()) if theirs else body


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=str(i)) for i, case in TUNNEL_CASES if "ok" in case and i not in TUNNEL_LEFT_OUT]
)
def test_tunnels_byte_for_byte_as_the_reference(case: dict[str, Any]) -> None:
    ours, theirs = tunnelled(case), case["ok"]
    boundary = boundary_of(ours.headers.get("Content-Type", ""))
    headers = {name: value.replace("{BOUNDARY}", boundary) for name, value in theirs["headers"].items()}
    assert (ours.method, ours.url) == (theirs["method"], theirs["uri"])
    assert ours.headers == said(headers)
    assert ours.body == with_boundary(octets(theirs), boundary)


@pytest.mark.parametrize("case", [pytest.param(case, id=str(i)) for i, case in TUNNEL_CASES if "error" in case])
def test_tunnels_nothing_that_the_reference_does_not(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidCallError) as refusal:
        tunnelled(case)
    assert refusal.value.argument == "request"


@pytest.mark.parametrize("index", TUNNEL_LEFT_OUT)
def test_a_url_that_is_a_query_alone_is_refused(index: int) -> None:
    with pytest.raises(InvalidCallError, match="nothing but a query"):
        tunnelled(TUNNEL_CASES[index][1])


# untunnel, against Rest.li's server

UNTUNNEL_LEFT_OUT = {
    47: "the value begins with a space, which no field value does once it is read (RFC 9110 section 5.5)",
    48: "the value ends with a space; likewise",
}
UNTUNNEL_CASES = [(i, case) for i, case in enumerate(load("untunnel")) if i not in UNTUNNEL_LEFT_OUT]


@pytest.mark.parametrize("case", [pytest.param(case, id=str(i)) for i, case in UNTUNNEL_CASES if "ok" in case])
def test_untunnels_exactly_as_the_reference(case: dict[str, Any]) -> None:
    request, theirs = read(case["in"]), case["ok"]
    ours = untunnel(request)
    assert (ours.method, ours.url) == (theirs["method"], quoted(theirs["uri"]))
    assert ours.body == octets(theirs)
    assert said(ours.headers) == said(theirs["headers"])
    assert ("Content-Length" in ours.headers) <= (not is_tunnelled(request))


@pytest.mark.parametrize("case", [pytest.param(case, id=str(i)) for i, case in UNTUNNEL_CASES if "error" in case])
def test_untunnels_nothing_that_the_reference_does_not(case: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as refusal:
        untunnel(read(case["in"]))
    index = re.search(r"at index (\d+)", case["error"]["message"])
    assert index is None or refusal.value.position == int(index[1])


@pytest.mark.parametrize("index", UNTUNNEL_LEFT_OUT)
def test_no_request_has_a_field_with_outer_spaces(index: int) -> None:
    with pytest.raises(InvalidCallError, match="X-HTTP-Method-Override"):
        read(load("untunnel")[index]["in"])


# The cases with a path alone are left out: the path travels in the URL, and tunnelling does not look at it.
URI_QUERIES = [case for case in load("java_uri_chars") if case["in"]["s"].startswith("/r?")]


def carrying(query: bytes) -> HttpRequest:
    return HttpRequest("POST", "/r", {"X-HTTP-Method-Override": "GET", "Content-Type": FORM}, query)


@pytest.mark.parametrize(
    "case", [case for case in URI_QUERIES if "ok" in case], ids=lambda case: ascii(case["in"]["s"])
)
def test_takes_the_queries_that_the_reference_takes(case: dict[str, Any]) -> None:
    query = case["in"]["s"].removeprefix("/r?")
    assert untunnel(carrying(query.encode())).url == case["ok"]["ascii"]


@pytest.mark.parametrize(
    "case", [case for case in URI_QUERIES if "error" in case], ids=lambda case: ascii(case["in"]["s"])
)
def test_refuses_the_queries_that_the_reference_refuses(case: dict[str, Any]) -> None:
    uri = case["in"]["s"]
    with pytest.raises(DecodeError) as refusal:
        untunnel(carrying(uri.removeprefix("/r?").encode()))
    assert refusal.value.text == uri
    assert f"at index {refusal.value.position}:" in case["error"]["message"]


EXCHANGES = [case for case in load("server_exchanges") if "X-HTTP-Method-Override" in case["in"]["headers"]]


@pytest.mark.parametrize("exchange", [case for case in EXCHANGES if case["ok"]["server_saw"]])
def test_sees_what_the_server_saw(exchange: dict[str, Any]) -> None:
    ours = untunnel(read(exchange["in"] | {"uri": exchange["in"]["target"]}))
    seen = {"method": ours.method, "uri": ours.url, "body": ours.body.decode()}
    assert seen | {"content_type": ours.headers.get("Content-Type")} == exchange["ok"]["server_saw"]


@pytest.mark.parametrize("exchange", [case for case in EXCHANGES if not case["ok"]["server_saw"]])
def test_refuses_what_the_server_refused(exchange: dict[str, Any]) -> None:
    assert exchange["ok"]["response"]["status"] == 400
    with pytest.raises(DecodeError):
        untunnel(read(exchange["in"] | {"uri": exchange["in"]["target"]}))


# tunnel, beyond the vectors


@pytest.mark.parametrize("url", ["http://h/r", "http://h/r?", "http://h/r#a?b", "http://h/r?#a"])
def test_what_has_no_query_stays_as_it_is(url: str) -> None:
    request = HttpRequest("PATCH", url, {"X-HTTP-Method-Override": "GET", "Content-Length": "1"}, b"1")
    assert tunnel(request) is request


def test_what_is_tunnelled_stays_as_it_is() -> None:
    request = tunnel(HttpRequest("PUT", "http://h/r?a=1", {"Content-Type": JSON}, b"{}"))
    assert tunnel(request) is request


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ([("B", "1"), ("A", "2")], b"", ["B", "A", "Content-Type", "X-HTTP-Method-Override"]),
        ([("B", "1"), ("content-type", JSON), ("A", "2")], b"{}", ["B", "content-type", "A", "X-HTTP-Method-Override"]),
        ([("B", "1"), ("content-length", "9"), ("B", "2")], b"", ["B", "B", "Content-Type", "X-HTTP-Method-Override"]),
        ([("Content-Type", JSON), ("Content-Type", JSON)], b"", ["Content-Type", "X-HTTP-Method-Override"]),
    ],
)
def test_headers_keep_their_order(headers: list[tuple[str, str]], body: bytes, expected: list[str]) -> None:
    request = tunnel(HttpRequest("PUT", "http://h/r?a=1", headers, body))
    assert [name for name, _ in request.headers.raw] == expected


def test_a_fragment_is_not_carried() -> None:
    request = tunnel(HttpRequest("GET", "http://h/r?a=b?c#d?e"))
    assert (request.url, request.body) == ("http://h/r", b"a=b?c")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (HttpRequest("PATCH", "/r?a=1"), "its method must be one of GET, POST, PUT, DELETE, OPTIONS, not PATCH"),
        (HttpRequest("get", "/r?a=1"), "not get"),
        (HttpRequest("GET", "/r?a=1", {"x-http-method-override": "GET"}), "it has an X-HTTP-Method-Override already"),
        (HttpRequest("GET", "/r?a={1}"), "its query has a character that no query of a URI may have"),
        (HttpRequest("GET", "/r?a=%4g"), "its query has a character that no query of a URI may have"),
        (HttpRequest("PUT", "/r?a=1", {}, b"{}"), "expected a Content-Type such as application/json"),
        (HttpRequest("PUT", "/r?a=1", {"Content-Type": ""}, b"{}"), "expected a Content-Type"),
        (HttpRequest("PUT", "/r?a=1", {"Content-Type": "a/b; c"}, b"{}"), "expected a parameter"),
        (HttpRequest("PUT", "/r?a=1", {"Content-Type": "Text/Plain; x=y"}, b"{}"), "text/plain cannot be a part"),
        (HttpRequest("PUT", "/r?a=1", {"Content-Type": "Multipart/Mixed"}, b"{}"), "expected a boundary of 1 to 70"),
    ],
)
def test_what_the_server_could_not_read_is_refused(request_: HttpRequest, reason: str) -> None:
    with pytest.raises(InvalidCallError, match=re.escape(reason)) as refusal:
        tunnel(request_)
    assert refusal.value.argument == "request"


def test_a_refusal_shows_neither_body_nor_query() -> None:
    url, content_type = "/r?token=secret", "multipart/mixed; boundary=x"
    with pytest.raises(InvalidCallError) as refusal:
        tunnel(HttpRequest("PUT", url, {"Content-Type": content_type}, b"secret"))
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_equal_requests_are_tunnelled_equally() -> None:
    first, second = (HttpRequest("PUT", "/r?a=1", {"Content-Type": JSON}, b"{}") for _ in range(2))
    assert tunnel(first) == tunnel(second)
    other = HttpRequest("PUT", "/r?a=1", {"Content-Type": JSON}, b"[]")
    assert tunnel(first).headers["Content-Type"] != tunnel(other).headers["Content-Type"]


def test_the_boundary_is_one_of_rfc_2046() -> None:
    content_type = tunnel(HttpRequest("PUT", "/r?a=1", {"Content-Type": JSON}, b"{}")).headers["Content-Type"]
    assert re.fullmatch("""multipart/mixed; boundary="[0-9A-Za-z'()+_,./:=?-]{1,70}\"""", content_type)


class Digest:
    """A digest with a collision, which nobody can have of SHA-256."""

    def __init__(self, content: bytes) -> None:
        self.updates = 0

    def update(self, _: bytes) -> None:
        self.updates += 1

    def hexdigest(self) -> str:
        return f"b{self.updates}"


@pytest.mark.parametrize(("query", "body"), [("b0", b"--b1--"), ("b1", b"b0"), ("a", b"xb0b1"), ("b1b0", b"x")])
def test_the_boundary_is_nowhere_in_what_it_bounds(monkeypatch: pytest.MonkeyPatch, query: str, body: bytes) -> None:
    monkeypatch.setattr(hashlib, "sha256", Digest)
    request = tunnel(HttpRequest("PUT", f"/r?{query}", {"Content-Type": JSON}, body))
    assert request.headers["Content-Type"] == 'multipart/mixed; boundary="b2"'


# untunnel, beyond the vectors


def test_is_tunnelled_goes_by_the_header_alone() -> None:
    assert is_tunnelled(HttpRequest("GET", "/r", {"x-http-method-override": ""}))
    assert not is_tunnelled(HttpRequest("POST", "/r", {"Content-Type": FORM}, b"a=1"))


def test_what_is_not_tunnelled_stays_as_it_is() -> None:
    request = HttpRequest("POST", "/r", {"Content-Length": "3", "Content-Type": FORM}, b"a=1")
    assert untunnel(request) is request


@pytest.mark.parametrize("content_type", ["Application/X-WWW-Form-URLencoded", "application/json", "a/b; c=d"])
def test_query_and_body_of_another_type_are_lost(content_type: str) -> None:
    headers = [("Content-Length", "3"), ("X-HTTP-Method-Override", "PUT"), ("Content-Type", content_type), ("A", "b")]
    ours = untunnel(HttpRequest("POST", "/r?x=1", headers, b"a=1"))
    assert (ours.method, ours.url, ours.body) == ("PUT", "/r?x=1", b"")
    assert ours.headers.raw == (("Content-Type", content_type), ("A", "b"))


def test_headers_come_back_in_their_order() -> None:
    headers = [("B", "1"), ("content-type", JSON), ("A", "2"), ("B", "3")]
    request = HttpRequest("PUT", "/r?a=1", headers, b"{}")
    assert untunnel(tunnel(request)).headers.raw == tuple(headers)


ENTITY = b"Content-Type: application/json\r\n\r\n{}"
QUERY = b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=1"


def multipart(body: bytes, content_type: str = "multipart/mixed; boundary=xyz") -> HttpRequest:
    return HttpRequest("POST", "/r", {"X-HTTP-Method-Override": "PUT", "Content-Type": content_type}, body)


def lines(*pieces: bytes, boundary: bytes = b"xyz") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + piece + b"\r\n" for piece in pieces) + b"--" + boundary + b"--\r\n"


def of_type(content_type: bytes, content: bytes = b"{}") -> bytes:
    return b"Content-Type: " + content_type + b"\r\n\r\n" + content


def encoded(encoding: bytes, content: bytes) -> bytes:
    return b"Content-Transfer-Encoding: " + encoding + b"\r\n" + of_type(b"application/json", content)


def seen(request: HttpRequest) -> tuple[str, str, bytes]:
    return request.url, request.headers.get("Content-Type", ""), request.body


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/mixed; boundary=xyz", b"xyz"),
        ('multipart/mixed;boundary="xyz"', b"xyz"),
        ("multipart/mixed; BOUNDARY=xyz", b"xyz"),
        ('multipart/mixed ; a=b ;\tboundary = xyz ; c="d;\\" boundary=e"', b"xyz"),
        ("multipart/mixed;; boundary=xyz;", b"xyz"),
        (r'multipart/mixed; boundary="x\y\\\"z"', b'xy\\"z'),
        ('multipart/mixed; boundary="----=_Part_1_2.3"', b"----=_Part_1_2.3"),
        ('multipart/mixed; boundary=".*(a b)?"', b".*(a b)?"),
        ("multipart/mixed; boundary=--", b"--"),
    ],
)
def test_finds_the_boundary(content_type: str, boundary: bytes) -> None:
    request = multipart(lines(QUERY, ENTITY, boundary=boundary), content_type)
    assert seen(untunnel(request)) == ("/r?a=1", JSON, b"{}")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (lines(QUERY, ENTITY, b"no part at all"), ("/r?a=1", JSON, b"{}")),
        (lines(ENTITY, of_type(b"text/plain"), QUERY), ("/r?a=1", JSON, b"{}")),
        (lines(ENTITY, encoded(b"unheard-of", b""), QUERY), ("/r?a=1", JSON, b"{}")),
        (b"--xyz \t\r\n" + QUERY + b"\r\n--xyz \r\n" + ENTITY + b"\n--xyz--", ("/r?a=1", JSON, b"{}")),
        (b"\r\n--xyz\r\n" + QUERY + b"\r\n--xyz--\r\n--xyz\r\n" + ENTITY, ("/r?a=1", "", b"")),
        (b"x--xyz\r\n--xyzz\r\n" + lines(QUERY, ENTITY), ("/r?a=1", JSON, b"{}")),
        (lines(QUERY, ENTITY + b"\r\n--xyzz\r\nx--xyz\r\n-xyz"), ("/r?a=1", JSON, b"{}\r\n--xyzz\r\nx--xyz\r\n-xyz")),
        (lines(QUERY, ENTITY + b"\r\n"), ("/r?a=1", JSON, b"{}\r\n")),
        (lines(QUERY, ENTITY + b"\r"), ("/r?a=1", JSON, b"{}\r")),
        (lines(QUERY, ENTITY + b"\n"), ("/r?a=1", JSON, b"{}\n")),
        (lines(QUERY, b"Content-Type: application/json\r\n"), ("/r?a=1", JSON, b"")),
        (lines(QUERY, b"Content-Type: application/json"), ("/r?a=1", JSON, b"")),
        (b"--xyz\r\n" + QUERY + b"\r\n--xyz\r\n" + ENTITY + b"\r\n--xyz", ("/r?a=1", JSON, b"{}\r\n--xyz")),
        (b"--xyz\r\n" + QUERY, ("/r?a=1", "", b"")),
        (
            lines(QUERY, b"CONTENT-TYPE :\ta/b;\r\n c=d \r\nno field\r\nContent-Type: e/f\r\n\r\n{}"),
            ("/r?a=1", "a/b; c=d", b"{}"),
        ),
        (lines(of_type(b"APPLICATION/X-WWW-Form-URLencoded ; charset=UTF-8", b"b"), ENTITY), ("/r?b", JSON, b"{}")),
        (
            lines(b"Content-Transfer-Encoding: base64\r\n" + of_type(FORM.encode(), b"YT0x"), ENTITY),
            ("/r?a=1", JSON, b"{}"),
        ),
        (lines(QUERY, encoded(b"Base64", b"\r\neyJh\r\n Ijox\r\nfQ==\r\n")), ("/r?a=1", JSON, b'{"a":1}')),
        (
            lines(QUERY, encoded(b"QUOTED-PRINTABLE", b"{=22a=22 = \t\r\n:1_=  \n}  \r\n ")),
            ("/r?a=1", JSON, b'{"a" :1_}\r\n'),
        ),
        (lines(QUERY, encoded(b"7bit", b"e30=")), ("/r?a=1", JSON, b"e30=")),
        (lines(QUERY, encoded(b"8BIT", b"\xff=41 ")), ("/r?a=1", JSON, b"\xff=41 ")),
        (lines(QUERY, encoded(b"binary", b"\0\r\n\n")), ("/r?a=1", JSON, b"\0\r\n\n")),
        (lines(QUERY, encoded(b"", b"e30=")), ("/r?a=1", JSON, b"e30=")),
    ],
)
def test_reads_multiparts(body: bytes, expected: tuple[str, str, bytes]) -> None:
    assert seen(untunnel(multipart(body))) == expected


@pytest.mark.parametrize(
    ("request_", "text", "position", "reason"),
    [
        (HttpRequest("POST", "/r", {"X-HTTP-Method-Override": "get"}), "get", 0, "expected one of GET, POST"),
        (HttpRequest("POST", "/r", {"X-HTTP-Method-Override": "GET"}, b"a"), "", 0, "expected a Content-Type"),
        (multipart(b"", "multipart/"), "multipart/", 0, "expected a Content-Type"),
        (multipart(b"", "multipart/mixed, a/b"), "multipart/mixed, a/b", 15, "expected a parameter"),
        (multipart(b"", 'multipart/mixed; a="b'), 'multipart/mixed; a="b', 17, "expected a parameter"),
        (multipart(b""), "", 0, "expected a line with the boundary"),
        (multipart(b"\xe9\r\n--xyz--\r\n--xyz\r\n"), "\xe9\r\n--xyz--\r\n--xyz\r\n", 19, "expected a line with"),
        (multipart(b"--xyz"), "--xyz", 5, "expected a line with the boundary"),
        (multipart(lines(ENTITY), "multipart/mixed"), "multipart/mixed", 15, "expected a boundary of 1 to 70"),
        (
            multipart(lines(ENTITY), 'multipart/mixed; boundary=""'),
            'multipart/mixed; boundary=""',
            28,
            "expected a boundary",
        ),
        (multipart(lines(b"", QUERY)), "text/plain", 0, "text/plain cannot be a part"),
        (multipart(lines(of_type(b"TEXT/plain; a=b"))), "TEXT/plain; a=b", 0, "text/plain cannot be a part"),
        (multipart(lines(of_type(b"json"))), "json", 0, "expected a Content-Type"),
        (multipart(lines(of_type(b"a/b; c=\xe9"))), "a/b; c=\xe9", 3 + 2, "expected a parameter"),
        (multipart(lines(of_type(b'a/b; c="\0"'))), 'a/b; c="\0"', 3 + 2, "expected a parameter"),
        (multipart(lines(of_type(b"multipart/mixed; boundary=a"))), "{}", 2, "expected a line with the boundary"),
        (
            multipart(lines(of_type(b"multipart/related; boundary=a"))),
            "multipart/related; boundary=a",
            0,
            "no multipart but",
        ),
        (multipart(lines(encoded(b"uuencode", b""))), "uuencode", 0, "expected one of 7bit, 8bit, binary, base64"),
        (multipart(lines(encoded(b"base64", b"e30"))), "e30", 3, "expected more base64"),
        (multipart(lines(encoded(b"base64", b"\xe9e"))), "\xe9e", 2, "expected more base64"),
        (carrying(b"a=\xc3\xa9\xff"), "a=\xc3\xa9\xff", 4, "expected UTF-8"),
        (carrying("a=é#b".encode()), "/r?a=é#b", 6, "expected a character that is legal in a query"),
    ],
)
def test_refusals_tell_what_is_wrong_and_where(request_: HttpRequest, text: str, position: int, reason: str) -> None:
    with pytest.raises(DecodeError, match=re.escape(reason)) as refusal:
        untunnel(request_)
    assert (refusal.value.text, refusal.value.position) == (text, position)


# Anything quadratic would take hours with these.
@pytest.mark.parametrize(
    "body",
    [
        lambda many: b"-" * 5 * many,
        lambda many: b"\n--" * many,
        lambda many: b"\n--xy" * many,
        lambda many: b"\n--xyzz" * many,
        lambda many: (b"\n--xyz" + b" " * many) * 5,
        lambda many: b"\r\n" * many,
        lambda many: b"\r" * many,
        lambda many: b"--xyz\n" * many,
        lambda many: b"--xyz\n" + b"a:\n" * many,
        lambda many: b"--xyz\n" + b"\n " * many,
        lambda many: b"--xyz\n" + b"Content-Type: a/b" + b"; c=d" * many + b"\\",
        lambda many: b"--xyz\n" + b'Content-Type: a/b; c="' + b'\\"' * many,
        lambda many: b"--xyz\n" + b"Content-Type: a/b" + b" " * many + b"x",
        lambda many: b"--xyz\n" + encoded(b"base64", b"eeee" * many + b"e"),
        lambda many: lines(QUERY[:-3] + b"%2" * many),
        lambda many: lines(QUERY[:-3] + b" " * many, ENTITY),
    ],
)
def test_hostile_bodies_are_refused_in_time(body: Callable[[int], bytes], many: int) -> None:
    with pytest.raises(DecodeError):
        untunnel(multipart(body(many)))


@pytest.mark.parametrize(
    ("part", "size"),
    [
        (lambda many: encoded(b"quoted-printable", b"a" + b" " * many + b"b"), lambda many: many + 2),
        (lambda many: encoded(b"quoted-printable", b"=\r\n" * many), lambda _: 0),
        (lambda many: encoded(b"binary", b"\r\n--xyzz" * many), lambda many: many * 8),
        (lambda many: encoded(b"binary", b"\r\n--\r\n" * many), lambda many: many * 6),
    ],
)
def test_hostile_parts_are_read_in_time(part: Callable[[int], bytes], size: Callable[[int], int], many: int) -> None:
    assert len(untunnel(multipart(lines(QUERY, part(many)))).body) == size(many)


@pytest.mark.parametrize("length", [1, 70])
def test_boundaries_have_up_to_70_characters(length: int) -> None:
    boundary = "-" * length
    request = multipart(lines(QUERY, ENTITY, boundary=boundary.encode()), f"multipart/mixed; boundary={boundary}")
    assert untunnel(request).body == b"{}"


@pytest.mark.parametrize("length", [71, 100_000])
def test_longer_boundaries_are_refused(length: int) -> None:
    with pytest.raises(DecodeError, match="expected a boundary of 1 to 70 characters"):
        untunnel(multipart(b"", f"multipart/mixed; boundary={'-' * length}"))
