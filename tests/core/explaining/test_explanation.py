"""Explanations, as people read them."""

from __future__ import annotations

import re
from typing import Any

import pytest

import restli_core
from restli_core.base_errors import InvalidCallError
from restli_core.explaining import explain
from restli_core.messages import HttpRequest
from restli_core.urn import Urn
from tests.support.documented import documented_meaning, meaning
from tests.support.explained import as_text
from tests.vectors import load

DOCUMENTED: dict[str, dict[str, Any]] = {case["id"]: case for case in load("documented_calls")}
OURS = {"accept", "user-agent", "x-restli-method"}
POST = "POST /r HTTP/1.1\nX-Restli-Protocol-Version: 2.0.0"
CURL = """curl -X POST 'https://api.linkedin.com/rest/posts' \\
 -H 'Authorization: Bearer s3cret' -H 'Cookie: s3cret' -H 'X-Api-Key: s3cret' -H 'X-Other: o' \\
 -H 'LinkedIn-Version: 202609' -H 'X-Restli-Protocol-Version: 2.0.0' -d '{"author": "urn:li:person:1"}'"""


def documented_request(case: dict[str, Any], url: str | None = None) -> HttpRequest:
    given = case["ok"]
    return HttpRequest(given["method"], url or given["uri"], given["headers"], given["body"].encode())


def test_a_key_that_is_not_escaped() -> None:
    explanation = explain("/adAccounts/(id:urn:li:x:1)")
    assert explanation.refused
    assert explanation.text.split("\n") == [
        "/adAccounts/(id:urn:li:x:1)",
        "",
        "LinkedIn: 400 Syntax exception in path variables",
        "  /adAccounts/(id:urn:li:x:1)",
        "                     ^",
        "  Why:   a key whose ( ) , and : are not escaped",
        "  Write: (id:urn%3Ali%3Ax%3A1)",
        "",
        "Method      get",
        "Resource    /adAccounts/{key}",
        'Keys        key = {"id": Urn("urn:li:x:1")}   (complex key)',
        "Headers     not shown by a URL; it needs X-Restli-Protocol-Version: 2.0.0",
        "",
        "In Python, as it should be:",
        "from restli_core import Urn",
        "",
        'client.get("/adAccounts/{key}", path_keys={"key": {"id": Urn("urn:li:x:1")}})',
    ]
    assert explanation.lines[4] == (("caret", " " * 21 + "^"),)


def test_what_a_request_says() -> None:
    lines = explain(CURL).text.split("\n")
    assert lines[0] == "POST https://api.linkedin.com/rest/posts"
    assert "Method      create" in lines
    assert "Body        29 bytes of JSON, the entity: author" in lines
    assert "            X-Other: o" in lines
    assert (
        'client.create("/posts", {"author": Urn("urn:li:person:1")}, version_string="202609", headers={"X-Other": "o"})'
        not in lines
    )
    assert '    headers={"X-Other": "o"},' in lines
    assert "Note: the body goes out as a form: add the header Content-Type: application/json" in lines


@pytest.mark.parametrize(
    "text",
    [
        CURL,
        "https://u:s3cret@api.linkedin.com/v2/me?oauth2_access_token=s3cret",
        "/v2/me?access_token=s3cret:bad&x=a:b",
        "GET /r HTTP/1.1\nAuthorization: s3cret\n\n",
        (
            "POST /r\nX-HTTP-Method-Override: GET\nContent-Type: application/x-www-form-urlencoded\n"
            "X-Restli-Protocol-Version: 2.0.0\n\naccess_token=s3cret&a=1&refresh_token=s3cret"
        ),
    ],
)
def test_secrets_are_not_shown(text: str) -> None:
    explanation = explain(text)
    assert "s3cret" not in explanation.text + explanation.python + repr(explanation)


def test_a_token_in_the_url_is_left_out_of_the_call() -> None:
    explanation = explain("https://api.linkedin.com/v2/me?a=1&oauth2_access_token=x")
    assert explanation.python == 'client.get("/me", query_params={"a": 1}, base_url="https://api.linkedin.com/v2")'
    assert "Note: oauth2_access_token is in the URL" in explanation.text
    assert explain("/v2/me?access_token=x").python == 'client.get("/me", base_url="https://api.linkedin.com/v2")'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/r?q=f", "Method      finder f"),
        ("/r?ids=List(1,2)", "Ids         [1, 2]   (2 ids)"),
        ("/r/5/s/abc-1", 'Keys        r = 5   (number)\n            id = "abc-1"   (text)'),
        ("/r?fields=id,a:(b)", "Fields      id,a:(b)"),
        ("/r?f%69elds=id", "Fields      id"),
        ("POST /r?$returnEntity=false", "Returns     no entity"),
        ("POST /r?$returnEntity=true", "Returns     the entity"),
        ("POST /r", "Body        not shown; create has one, with the entity"),
        ("POST /r/5", "Body        not shown; partial_update has one, with what changes under patch"),
        ("curl /r -H 'X-Restli-Protocol-Version: 2.0.0'", "Note: no Authorization: LinkedIn answers 401"),
        ("GET /r HTTP/1.1", "Headers     none"),
        ("POST /r HTTP/1.1\nX-Restli-Protocol-Version: 2.0.0\n\n{}", "Body        2 bytes of JSON, the entity: empty"),
        ("/r/urn%253Ali%253Ax%253A1", "Note: path_keys['id']: is percent-encoded already"),
        ("/r?a=x%252Fy%20z", "Note: %252F is an escape that is escaped once more: a server reads it as the text %2F"),
        ("DELETE /r/5/items", "Note: the path ends in a name: unless items is a simple resource, a server answers 400"),
        ("/r/.", "In Python: no call of restli_core makes this request: path_keys['id']: the path segment"),
        ("/r?a=" + "x" * 300, "Parameters  a = \"xxx"),
        ("/r?a=List(" + ",".join(map(str, range(500))) + ")", "... and 490 more lines"),
        ("/r?" + "&".join(f"a{place}=1" for place in range(20)), "            ... and 8 more"),
        ("/r?" + "&".join(f"a{place}=:" for place in range(20)), "  ... and 14 more"),
        (f"{POST}\n\n{{" + ",".join(f'"a{n}":1' for n in range(20)) + "}", "a11 and 8 more"),
        (f"{POST}\nX-RestLi-Method: PARTIAL_UPDATE\n\n{{}}", 'the body has no "patch"'),
        (POST + '\n\n{"elements": []}', "send X-RestLi-Method: BATCH_CREATE"),
        ("curl /r -d @f -H 'X-Restli-Protocol-Version: 2.0.0'", "Note: the body is in the file f, and not shown here"),
        ("PUT /r HTTP/1.1\n\n{", "In Python: mend the request first"),
        ("GET /r\nX-HTTP-Method-Override: x\n", "Refused: 400 in text/plain"),
        ("/r?a=" + "b" * 100 + ":" + "c" * 100, "  ...bbb"),
    ],
)  # fmt: skip
def test_lines(text: str, line: str) -> None:
    assert line in explain(text).text


def test_a_long_source_is_cut_around_the_caret() -> None:
    lines = explain("/r?a=" + "b" * 300 + ":" + "c" * 300).text.split("\n")
    place = next(place for place, line in enumerate(lines) if line.strip() == "^")
    assert lines[place - 1][lines[place].index("^")] == ":"
    assert lines[place - 1].startswith("  ...b")
    assert lines[place - 1].endswith("c...")


def test_characters_that_cannot_be_printed_keep_their_column() -> None:
    lines = explain("/r?a=\x1b[31m").text.split("\n")
    assert lines[3] == "  /r?a=?[31m"
    assert lines[4].index("^") == lines[3].index("?[")


def test_declared_resources_name_the_keys() -> None:
    explanation = explain("/rest/accounts/5", ["/accounts/{account:long}"])
    assert "Keys        account = 5   (number)" in explanation.text
    assert not explanation.refused
    with pytest.raises(InvalidCallError, match="resources"):
        explain("/r", ["r"])


def test_a_version_for_the_call() -> None:
    assert explain("/rest/r", version_string="202609").python == 'client.get("/r", version_string="202609")'
    assert explain("/rest/r").python == 'client.get("/r", base_url="https://api.linkedin.com/rest")'


def test_a_tunnel_is_taken_away() -> None:
    text = as_text(restli_core.finder("/r", "f", query_params={"a": 1}, tunnel_above=0).request)
    assert "Method      finder f (in a tunnel: the query is in the body)" in explain(text).text


@pytest.mark.parametrize("case", DOCUMENTED.values(), ids=DOCUMENTED)
def test_what_is_documented_is_not_refused(case: dict[str, Any]) -> None:
    request = documented_request(case)
    for text in (as_text(request), request.url):
        assert not explain(text).refused


NOT_THE_SAME = {
    "adAccounts-search-next-page": "a template",
    "adCampaigns-search-group": "its page size is not printed",
    "adAnalytics-revenue": "another value is printed, which is well-formed",
}
PRINTED = {name: case for name, case in DOCUMENTED.items() if "printed" in case and name not in NOT_THE_SAME}


@pytest.mark.parametrize("case", PRINTED.values(), ids=PRINTED)
def test_what_is_printed_wrongly_is_refused_and_mended(case: dict[str, Any]) -> None:
    explanation = explain(as_text(documented_request(case, case["printed"])))
    assert explanation.refused == ("misprints" in case)  # decoration is LinkedIn's own, and right
    again = eval(explanation.python, {"client": restli_core, "Urn": Urn}).request
    found, wanted = meaning(again.method, again.url, again.headers, again.body), documented_meaning(case)
    found["headers"] = {
        name: value for name, value in found["headers"].items() if name in wanted["headers"] or name not in OURS
    }
    assert found == wanted


def test_whatever_is_long_or_deep(depth: int, many: int) -> None:
    head = "GET https://api.linkedin.com/rest/r"
    for text in (
        f"{head}?a={'(' * depth}",
        f"{head}?a={'List(' * depth}{')' * depth}",
        f"{head}?fields={'a:(' * depth}",
        f"{head}?{'&'.join(f'a{place}=x:y&a{place}=2' for place in range(many))}",
        f"{head}{'/a/5' * many}",
        f"{head}/{'(id:urn:li:x:1)' * many}",
        f"{head}?a=List({','.join(map(str, range(many)))})",
        f"{head}?a={'x' * 40 * many}",
        f"{head}?a={'{' * depth}",
        f"POST /r HTTP/1.1\nX-Restli-Protocol-Version: 2.0.0\n\n{'[' * depth}",
        f'POST /r HTTP/1.1\nX-Restli-Protocol-Version: 2.0.0\n\n{{"elements": [{",".join(["{}"] * many)}]}}',
    ):
        explanation = explain(text)
        assert len(explanation.text) < 20_000
        assert max(map(len, explanation.text.split("\n"))) < 1000


def test_deep_values_are_not_shown() -> None:
    explanation = explain("http://h/r?a=" + "List(" * 200 + ")" * 200)
    assert "a = ...   (nested very deep)" in explanation.text
    assert "nested more than 90 levels" in explanation.text


def test_long_calls_are_cut() -> None:
    body = "{" + ",".join(f'"a{place}": "{"x" * 80}"' for place in range(300)) + "}"
    explanation = explain(f"POST http://h/r HTTP/1.1\nX-Restli-Protocol-Version: 2.0.0\n\n{body}")
    assert re.search(r"\.\.\. and \d+ more lines\Z", explanation.text)
    assert eval(explanation.python, {"client": restli_core}).request.body


@pytest.mark.parametrize(
    ("before", "columns"), [("abc", 3), ("caf\u00e9", 4), ("cafe\u0301", 4), ("\u6f22\u5b57", 4), ("\U0001f600", 2)]
)
def test_the_caret_is_under_its_place_whatever_is_before_it(before: str, columns: int) -> None:
    text = f'POST /posts HTTP/1.1\nX-RestLi-Protocol-Version: 2.0.0\n\n{{"{before}": 1,}}'
    lines = explain(text).text.split("\n")
    place = next(place for place, line in enumerate(lines) if line.endswith("^"))
    assert before in lines[place - 1]
    assert lines[place].index("^") == len('  {"": 1') + columns
