"""What servers refuse: where, in which words, and the right spelling."""

from __future__ import annotations

import pytest

from restli_core.explaining.faults import PATH_SYNTAX, QUERY_SYNTAX, Diagnosis, diagnose
from restli_core.explaining.pasted import Pasted
from restli_core.server import Resource

PROTOCOL = ("X-Restli-Protocol-Version", "2.0.0")
VERSION = ("LinkedIn-Version", "202609")


def of(
    url: str,
    method: str | None = "GET",
    *headers: tuple[str, str],
    body: bytes | None = b"",
    **options: list[str | Resource],
) -> Diagnosis:
    """Return what is found out about a request with these header fields, and the version of the protocol."""
    return diagnose(Pasted(method, url, (PROTOCOL, *headers), body), options.get("resources"))


def of_url(url: str, method: str | None = None) -> Diagnosis:
    return diagnose(Pasted(method, url, None, None), None)


@pytest.mark.parametrize(
    ("url", "says", "place", "cure", "right"),
    [
        # the path
        ("/posts/urn:li:share:1", PATH_SYNTAX, "urn|:li", "urn%3Ali%3Ashare%3A1", "/posts/urn%3Ali%3Ashare%3A1"),
        ("/as/(id:urn:li:x:1)", PATH_SYNTAX, "(id:urn|:li", "(id:urn%3Ali%3Ax%3A1)", "/as/(id:urn%3Ali%3Ax%3A1)"),
        ("/users/account=1&user=2", PATH_SYNTAX, "account|=1", "(account:1,user:2)", "/users/(account:1,user:2)"),
        ("/users/(a:b", PATH_SYNTAX, "(a:b|", "(a:b)", "/users/(a:b)"),
        ("/users/(a:b)(", PATH_SYNTAX, "(a:b)|(", "", None),
        # characters
        ("/r?a=x y", "Illegal character ' '", "x| y", "write %20", "/r?a=x%20y"),
        ("/r/\xe9", "Illegal character 'é'", "/|é", "write %C3%A9", "/r/%C3%A9"),
        ("/r/[", "Illegal character '['", "/|[", "write %5B", "/r/%5B"),
        ("/r?a=5%", "Illegal character '%'", "5|%", "write %25 for", "/r?a=5%25"),
        ("/r/{the id}?a=b", "Illegal character '{'", "/|{the", "put the value", "/r/%7Bthe%20id%7D?a=b"),
        ("/r?a={", "Illegal character '{'", "a=|{", "write %7B", "/r?a=%7B"),
        ("/r?a=#b", "Illegal character '#'", "a=|#b", "write %23", "/r?a=%23b"),
        # parameters
        ("/r?q=f&a=urn:li:x:1", QUERY_SYNTAX, "a=urn|:li", "a=urn%3Ali%3Ax%3A1", "/r?q=f&a=urn%3Ali%3Ax%3A1"),
        ("/r?a=List(b,c", QUERY_SYNTAX, "a=List(b,c|", "a=List(b,c)", "/r?a=List(b,c)"),
        ("/r?a=12:30", QUERY_SYNTAX, "a=12|:30", "a=12%3A30", "/r?a=12%3A30"),
        ("/r?a=(b:(c:d,e:f,g)))", QUERY_SYNTAX, "g|)", "", None),
        ("/r?a=", QUERY_SYNTAX, "a=|", "a=''", "/r?a=''"),
        ("/r?a", QUERY_SYNTAX, "a|", "a=''", "/r?a=''"),
        ("/r?ids=1", "Invalid value type for parameter ids", "ids=|1", "ids=List(1)", "/r?ids=List(1)"),
        ("/r?ids=1&x=2&ids=2", QUERY_SYNTAX, "|ids=2", "ids=List(1,2)", "/r?ids=List(1,2)&x=2"),
        ("/r?ids=List(1)&ids=a:b", QUERY_SYNTAX, "ids=a|:b", "", None),
        ("/r?a=1&%61=List(2,3)", QUERY_SYNTAX, "|%61=List", "a=List(1,2,3)", "/r?a=List(1,2,3)"),
        ("/r?a=1&a=1", QUERY_SYNTAX, "|a=1", "a=1", "/r?a=1"),
        ("/r?start=0&start=5", QUERY_SYNTAX, "|start=5", "start=0", "/r?start=0"),
        ("/r?q=a&q=b", QUERY_SYNTAX, "|q=b", "q=a", "/r?q=a"),
        ("/r?fields=a)", "error parsing mask", "fields=a|)", "", None),
        ("/r?q=List(a)", "Invalid value type for parameter q", "q=|List(a)", "", None),
        ("/r?$returnEntity=x", 'Invalid "$returnEntity" parameter', "=|x", "", None),
        ("/r?a[0]=x&a[1]=y", "Invalid query parameters passed", "a|[0]", "a=List(x,y)", "/r?a=List(x,y)"),
        ("/r?a.b=x&a=y", "Invalid query parameters passed", "a|.b", "", None),
        ("/r?a%5B0%5D=x:y", "Invalid query parameters passed", "a|%5B", "a=List(x%3Ay)", "/r?a=List(x%3Ay)"),
        # the verb
        ("/r?q=f&ids=List(1)", "The parameters q and ids cannot", "q=|f", "", None),
        ("/r?action=x", "All action methods", "|GET /r", "POST", "/r?action=x"),
    ],
)  # fmt: skip
def test_urls(url: str, says: str, place: str, cure: str, right: str | None) -> None:
    found = of(url)
    assert found.refused
    fault = next(fault for fault in found.faults if says in fault.says)
    marked = f"{fault.source[: fault.position]}|{fault.source[fault.position :]}"
    assert place in marked, marked
    assert fault.cure == cure if not cure.startswith(("write", "put")) else fault.cure.startswith(cure)
    assert (None if found.request is None else found.request.url) == right


@pytest.mark.parametrize(
    ("url", "method", "headers", "says", "source", "right"),
    [
        ("/r/5", "PATCH", (), "Method 'PATCH' is not supported", "PATCH /r/5", ("POST", "PARTIAL_UPDATE")),
        ("/r?ids=List(5)", "PATCH", (), "Method 'PATCH'", "PATCH /r", None),
        ("/r?action=a", "POST", (("X-RestLi-Method", "get"),), "Method 'POST'", "POST /r", None),
        ("/r", "HEAD", (), "Method 'HEAD'", "HEAD /r", None),
        ("/r/5", "POST", (("X-RestLi-Method", "delete"),), "Method 'POST'", "POST /r/5", ("DELETE", "delete")),
        ("/r?ids=List(5)", "GET", (("X-RestLi-Method", "get_all"),), "GET", "X-RestLi-Method: get_all", ("GET", None)),
        ("/r", "GET", (("X-RestLi-Method", "options"),), "Method 'GET'", "X-RestLi-Method: options", ("GET", None)),
        ("/r", "GET", (("Accept", "text/html"),), "406", "Accept: text/html", ("GET", None)),
        ("/r", "GET", (("Content-Type", "json"),), "Content-Type", "Content-Type: json", ("GET", None)),
    ],
)  # fmt: skip
def test_methods_and_headers(  # noqa: PLR0917 - a table
    url: str,
    method: str,
    headers: tuple[tuple[str, str], ...],
    says: str,
    source: str,
    right: tuple[str, str | None] | None,
) -> None:
    found = of(url, method, *headers, body=b'{"patch": {}}')
    (fault, *_) = found.faults
    assert says in fault.says
    assert fault.source == source
    request = found.request
    assert (request and (request.method, request.headers.get("X-RestLi-Method"))) == right


@pytest.mark.parametrize(
    ("body", "says", "why", "source", "position"),
    [
        (b"", "Empty entity body is not allowed", "needs a body", "", 0),
        (b'{\n"a": 1,\n}', "Cannot parse request entity", "a comma with nothing but }", '"a": 1,', 6),
        (b'{"a": 1', "Cannot parse request entity", "Expecting ',' delimiter", '{"a": 1', 7),
        (b'{"a": NaN}', "Cannot parse request entity", "it is not JSON", '{"a": NaN}', 0),
        (b"[1]", "Cannot parse request entity", "must be an object", "[1]", 0),
        (b"\xff", "Cannot parse request entity", "it is not JSON", "\ufffd", 0),
    ],
)
def test_bodies(body: bytes, says: str, why: str, source: str, position: int) -> None:
    found = of("/r", "POST", body=body)
    (fault,) = found.faults
    assert says in fault.says
    assert why in fault.why
    assert (fault.source, fault.position) == (source, position)
    assert found.request is None


def test_a_batch_whose_keys_are_others() -> None:
    (fault,) = of("/r?ids=List(1)", "PUT", body=b'{"entities": {"2": {}}}').faults
    assert fault.says == "400 Batch request mismatch"


def test_a_body_that_is_not_shown_is_right() -> None:
    for url, method, header in (
        ("/r", "POST", "create"),
        ("/r", "POST", "batch_create"),
        ("/r/5", "POST", "partial_update"),
        ("/r/5", "PUT", "update"),
        ("/r?ids=List(1,(a:b))", "PUT", "batch_update"),
        ("/r?ids=List(1)", "POST", "batch_partial_update"),
        ("/r?action=a", "POST", "action"),
        ("/r?ids=List()", "DELETE", "batch_delete"),
    ):
        assert not of(url, method, ("X-RestLi-Method", header), body=None).refused
    assert not of_url("/r?action=a").refused
    assert of_url("/r?ids=a:b").refused


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ([VERSION], "so protocol 1.0 applies"),
        (
            [VERSION, ("X-Restli-Protocol-Version", "1.0.0")],
            "protocol version 1.0.0 used by the client is not supported",
        ),
        ([PROTOCOL], "A version must be present"),
        ([PROTOCOL, ("Linkedin-Version", "{YYYYMM}")], "there is no such version"),
        ([PROTOCOL, ("Linkedin-Version", "20260132")], "there is no such version"),
        ([PROTOCOL, VERSION, ("X-A", "\xe9")], "Bad Request"),
    ],
)
def test_versions_and_headers(headers: list[tuple[str, str]], says: str) -> None:
    found = diagnose(Pasted("GET", "https://api.linkedin.com/rest/r", tuple(headers), b""), None)
    (fault,) = found.faults
    assert says in fault.says
    assert found.request is not None
    assert found.request.headers["X-RestLi-Protocol-Version"] == "2.0.0"


def test_a_url_alone_lacks_no_header() -> None:
    assert not of_url("https://api.linkedin.com/rest/r").refused


def test_rules_of_linkedins_own_hold_for_its_hosts_alone() -> None:
    for target in ("/r/urn:li:x:1", "/r/a=1&b=2", "/r?a[0]=x", f"/r?a={'x' * 5000}", f"/r/{'x' * 9000}"):
        assert not of(f"http://h{target}").refused
        found = of(f"https://api.linkedin.com/v2{target}")
        assert found.refused
        assert [fault.is_linkedins for fault in found.faults] == [True]


@pytest.mark.parametrize(("size", "words"), [(4096, []), (4097, ["the query has 4099 characters"])])
def test_long_queries(size: int, words: list[str]) -> None:
    found = of(f"/r?a={'x' * (size - 2 if not words else size)}")
    assert [fault.why.partition(",")[0] for fault in found.faults] == words


def test_tunnels() -> None:
    form = ("Content-Type", "application/x-www-form-urlencoded")
    found = of("/r", "POST", ("X-HTTP-Method-Override", "GET"), form, body=b"q=a&x=" + b"y" * 5000)
    assert not found.refused
    assert found.tunnelled
    broken = of(
        "/r", "POST", ("X-HTTP-Method-Override", "GET"), ("Content-Type", "multipart/mixed; boundary=x"), body=b"a\nb"
    )
    assert broken.refused
    assert broken.request is None
    assert (broken.faults[0].source, broken.faults[0].position) == ("b", 1)


def test_declared_resources() -> None:
    resources: list[str | Resource] = ["/r/{id:long}"]
    assert not of("/rest/r/5", "GET", VERSION, resources=resources).refused
    (fault,) = of("/r/x", resources=resources).faults
    assert "must be a long" in fault.says
    (fault,) = of("/other", resources=resources).faults
    assert fault.says.startswith("404 No resource is defined")
