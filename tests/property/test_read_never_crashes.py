"""read understands a request or raises Refusal, whatever the request is."""

from __future__ import annotations

import json

from hypothesis import event, given
from hypothesis import strategies as st

from restli_core.messages import HttpRequest
from restli_core.methods import METHODS
from restli_core.server import Refusal, Resource, read
from restli_transports.testing.strategies import documents, query_texts, texts, values, wire_texts
from tests.support.independent_codec import write
from tests.support.odd_requests import bodies, requests_of_any_make

RESOURCES = [
    Resource(declaration)
    for declaration in (
        "/r",
        "/r/{id}",
        "/long/{id:long}",
        "/long/{id:long}/sub/{sub}",
        "/complex/{id:complex}",
        "/association/{id:association(a,b)}",
    )
]
"""Resources of every kind."""

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)


def escaped(text: str) -> str:
    """The text as a request can carry it: what is no visible ASCII percent-encoded."""
    return "".join(
        c if "!" <= c <= "~" else "".join(f"%{octet:02X}" for octet in c.encode("utf-8", "replace")) for c in text
    )


paths = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "http://h", "http://h/rest", "//"]),
    st.sampled_from(["/r", "/long", "/long/1", "/long/1/sub", "/complex", "/association", "/other"]),
    st.just("")
    | st.just("/")
    | (wire_texts() | values().map(lambda key: write(key, "path"))).map(lambda key: f"/{escaped(key)}"),
)
names = st.sampled_from(
    ["ids", "q", "bq", "action", "fields", "metadataFields", "$returnEntity", "start", "a", "%69ds"]
)
pieces = st.builds(
    "{}={}".format,
    names,
    wire_texts()
    | st.lists(values(), max_size=3).map(lambda ids: write(ids, "query"))
    | st.sampled_from(["true", "x", "List(1)"]),
)
marked_queries = st.lists(pieces, max_size=3).map("&".join)
entities = documents(names=st.sampled_from(["a", "$set", "$delete", "$reorder", "patch"]) | texts())
json_bodies = (
    entities
    | entities.map(lambda entity: {"elements": [entity]})
    | entities.map(lambda patch: {"patch": patch})
    | st.dictionaries(wire_texts(), entities | entities.map(lambda patch: {"patch": patch}), max_size=2).map(
        lambda by: {"entities": by}
    )
).map(lambda document: json.dumps(document).encode())
headers = st.fixed_dictionaries(
    {"X-RestLi-Protocol-Version": st.sampled_from(["2.0.0", "2.0.0", "2.0.0", "1.0.0", ""])},
    optional={
        "X-RestLi-Method": st.sampled_from([*METHODS, "GET", "options", ""]),
        "Accept": st.sampled_from(["application/json", "text/html", ",", "*/*"]),
    },
)
requests = st.builds(
    HttpRequest,
    st.sampled_from(["GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
    st.builds("{}?{}".format, paths, (marked_queries | query_texts()).map(escaped)) | paths | VISIBLE.filter(bool),
    headers,
    json_bodies | bodies,
)


def understood_or_refused(request: HttpRequest, resources: list[Resource] | None, base_path: str = "") -> None:
    try:
        invocation = read(request, resources, base_path=base_path)
    except Refusal as refusal:
        assert 400 <= refusal.status < 500
        assert json.loads(refusal.response.body)["status"] == refusal.status
        event("refused")
    else:
        assert invocation.method in METHODS
        assert repr(invocation)
        event(invocation.method)


@given(requests, st.sampled_from(["", "/rest"]))
def test_on_any_request_to_declared_resources(request: HttpRequest, base_path: str) -> None:
    understood_or_refused(request, RESOURCES, base_path)


@given(requests)
def test_on_any_request_to_undeclared_ones(request: HttpRequest) -> None:
    understood_or_refused(request, None)


@given(requests_of_any_make, st.booleans())
def test_on_any_request_in_a_tunnel(request: HttpRequest, declared: bool) -> None:
    understood_or_refused(request, RESOURCES if declared else None)
