"""Declared resources, their kinds of keys, and the paths that they match."""

from __future__ import annotations

import pickle
import re

import pytest

from restli_core.encoding import decode, reduced_decode
from restli_core.errors import InvalidCallError
from restli_core.server import Refusal, Resource, read
from restli_core.server.resources import COLLECTION, ENTITY, PARTIAL, SIMPLE, UNDECLARED, find_place
from tests.support.serving import ACCOUNTS, ASSOCIATION, CONVERSIONS, POSTS, asked, refusal

# -- declarations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declaration", "key", "kind", "parts"),
    [
        ("/me", None, None, set()),
        ("/a/{id}", "id", "text", set()),
        ("/a/{id:text}", "id", "text", set()),
        ("/a/{a-b_C:long}", "a-b_C", "long", set()),
        ("/a/{x:long}/b/{y:complex}", "y", "complex", set()),
        ("/a/{x:association(b,c)}", "x", "association", {"b", "c"}),
        ("/a/{x:association(b)}", "x", "association", {"b"}),
        ("/a/{x}/b", None, None, set()),
        ("/a.b/~c%20", None, None, set()),
    ],
)
def test_declarations(declaration: str, key: str | None, kind: str | None, parts: set[str]) -> None:
    resource = Resource(declaration)
    assert resource.key == key
    assert (resource.kind and resource.kind.name, set(resource.kind.parts) if resource.kind else set()) == (kind, parts)
    assert resource == Resource(declaration)
    assert repr(resource) == f"Resource(declaration={declaration!r})"


@pytest.mark.parametrize(
    "declaration",
    [
        "",
        "a",
        "/",
        "/a/",
        "//a",
        "/a/{}",
        "/a/{id",
        "/a/id}",
        "/a/x{id}",
        "/a/{id:int}",
        "/a/{id:}",
        "/a/{id:association()}",
        "/a/{id:association(a,)}",
        "/a/{id:association}",
        "/a/{i d}",
        "/a b",
        "/a?b",
        "/\xe9",
        "/a/{id}/b/{id}",
        "/%z",
        5,
    ],
)
def test_declarations_that_are_none(declaration: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        read(asked("GET", "/a"), [declaration])
    assert refused.value.argument == "resources"


def test_resources_may_be_read_beforehand() -> None:
    assert read(asked("GET", "/adAccounts/5"), [Resource(ACCOUNTS)]).key == 5


def test_a_declared_resource_is_a_value() -> None:
    resource = Resource(ASSOCIATION)
    assert pickle.loads(pickle.dumps(resource)) == resource
    assert len({resource, Resource(ASSOCIATION), Resource(ACCOUNTS)}) == 2


@pytest.mark.parametrize(
    ("declaration", "flaw"),
    [
        ("a", "is not text"),
        ("/a b", "neither a name nor a key"),
        ("/a/{id:int}", "a key, such as {id}, {id:long}, "),
        ("/a/{id}/b/{id:long}", "two keys of one name"),
    ],
)
def test_what_is_wrong_with_a_declaration(declaration: str, flaw: str) -> None:
    with pytest.raises(InvalidCallError, match=flaw):
        Resource(declaration)


# -- paths -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/rest/adAccounts/5", "http://h/rest/adAccounts/5"])
@pytest.mark.parametrize("base_path", ["/rest", "/rest/"])
def test_a_base_path(url: str, base_path: str) -> None:
    invocation = read(asked("GET", url), [ACCOUNTS], base_path=base_path)
    assert (invocation.resource, invocation.path, invocation.key) == (ACCOUNTS, "/rest/adAccounts/5", 5)
    assert read(asked("GET", url), base_path=base_path).resource == "/adAccounts/5"


@pytest.mark.parametrize("path", ["/adAccounts/5", "/rest", "/restadAccounts/5", "/v2/adAccounts/5"])
def test_a_path_without_the_base_path(path: str) -> None:
    assert refusal(asked("GET", path), ACCOUNTS, base_path="/rest").status == 404


def test_the_resource_with_more_names_counts() -> None:
    resources = ["/things/{id:long}", "/things/special"]
    assert read(asked("GET", "/things/special"), resources).resource == "/things/special"
    assert read(asked("GET", "/things/1"), resources).resource == "/things/{id:long}"


LEVELS = [
    ("/adAccounts", COLLECTION, {}),
    ("/adAccounts/", COLLECTION, {}),
    ("/adAccounts/5", ENTITY, {"id": 5}),
    ("/adAccounts/5/", ENTITY, {"id": 5}),
    ("/associations/(src:a)", PARTIAL, {"pair": {"src": "a"}}),
    ("/associations/(src:a,dest:b)", ENTITY, {"pair": {"src": "a", "dest": "b"}}),
    ("/adAccounts/5/owner", SIMPLE, {"id": 5}),
]


@pytest.mark.parametrize(("path", "level", "keys"), LEVELS, ids=[path for path, _, _ in LEVELS])
def test_a_path_means_a_level_of_a_resource(path: str, level: str, keys: dict[str, object]) -> None:
    resources = [*map(Resource, (ACCOUNTS, ASSOCIATION, f"{ACCOUNTS}/owner"))]
    place = find_place(f"/rest{path}", "/rest", resources)
    assert (place.path, place.level, place.keys) == (f"/rest{path}", level, keys)
    declared = next(resource for resource in resources if resource.declaration == place.resource)
    assert place.kind == declared.kind
    undeclared = find_place(f"/rest{path}", "/rest", None)
    assert (undeclared.resource, undeclared.level, undeclared.keys) == (path, UNDECLARED, {})


@pytest.mark.parametrize(
    ("path", "status"),
    [("/others", 404), ("/others/5", 404), ("//adAccounts", 404), ("/", 404), ("/adAccounts//x", 400), ("/a//", 400)],
)
def test_paths_of_no_resource(path: str, status: int) -> None:
    assert refusal(asked("GET", path), ACCOUNTS).status == status


# -- kinds of keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("+5", 5), ("-5", -5), ("007", 7), (str(2**63 - 1), 2**63 - 1), (str(-(2**63)), -(2**63))],
)
def test_longs(text: str, number: int) -> None:
    assert read(asked("GET", f"/adAccounts/{text}"), [ACCOUNTS]).key == number


@pytest.mark.parametrize("text", ["''", "1.0", "1e3", "%201", "%D9%A3", str(2**63), "9" * 99, "x"])
def test_what_is_no_long(text: str) -> None:
    assert refusal(asked("GET", f"/adAccounts/{text}"), ACCOUNTS).status == 400


def test_what_a_refusal_shows_of_a_key_is_cut() -> None:
    assert len(refusal(asked("GET", f"/adAccounts/{'x' * 999}"), ACCOUNTS).message) < 200


@pytest.mark.parametrize("segment", ["(src:a)", "(dest:b)"])
def test_an_association_may_be_asked_by_some_parts(segment: str) -> None:
    invocation = read(asked("GET", f"/associations/{segment}?q=near"), [ASSOCIATION])
    assert (invocation.method, invocation.finder, invocation.key) == ("finder", "near", reduced_decode(segment))
    # It is a collection, of the entities whose key has this part; no entity.
    for method, query, meant in [
        ("GET", "", "get_all"),
        ("GET", "?bq=near", "batch_finder"),
        ("GET", "?ids=List((src:a,dest:b))", "batch_get"),
        ("POST", "", "create"),
        ("POST", "?action=x", "action"),
    ]:
        found = read(asked(method, f"/associations/{segment}{query}", body=b"{}"), [ASSOCIATION])
        assert (found.method, found.key) == (meant, reduced_decode(segment))
    for method in ("PUT", "DELETE"):
        assert refusal(asked(method, f"/associations/{segment}", body=b"{}"), ASSOCIATION).status == 400


@pytest.mark.parametrize("ids", ["(src:a)", "(dest:b)", "()", "(src:a,dest:b)"])
def test_an_id_of_a_batch_may_have_some_parts(ids: str) -> None:
    invocation = read(asked("GET", f"/associations?ids=List({ids})"), [ASSOCIATION])
    assert (invocation.ids, invocation.invalid_ids) == ((reduced_decode(ids),), ())
    body = f'{{"entities": {{"{ids}": {{"a": 1}}}}}}'.encode()
    assert read(asked("PUT", f"/associations?ids=List({ids})", body=body), [ASSOCIATION]).entities == ({"a": 1},)
    other = read(asked("GET", "/associations?ids=List((x:a),(src:(a:b)))"), [ASSOCIATION])
    assert (other.ids, other.invalid_ids) == ((), ("(x:a)", "(src:(a:b))"))


@pytest.mark.parametrize(
    "segment", ["()", "(x:a)", "(src:a,x:b)", "(src:a,dest:b,x:c)", "(src:a,dest:(x:y))", "(src:List())", "a"]
)
def test_what_is_no_key_of_the_association(segment: str) -> None:
    assert refusal(asked("GET", f"/associations/{segment}?q=near"), ASSOCIATION).status == 400


def test_some_parts_do_not_lead_further() -> None:
    below = f"{ASSOCIATION}/notes/{{note}}"
    assert read(asked("GET", "/associations/(src:a,dest:b)/notes/1"), [below]).key == "1"
    assert refusal(asked("GET", "/associations/(src:a)/notes/1"), below).status == 400


@pytest.mark.parametrize(
    ("resource", "in_body", "in_path", "key"),
    [
        (ACCOUNTS, "+05", "+05", 5),
        (POSTS, "a%2Fb", "a%252Fb", "a%2Fb"),
        (POSTS, "(a:b)", "(a:b)", "(a:b)"),
        (CONVERSIONS, "(a:b c)", "(a:b%20c)", {"a": "b c"}),
        (ASSOCIATION, "(src:a,dest:b)", "(dest:b,src:a)", {"src": "a", "dest": "b"}),
    ],
)
def test_keys_of_bodies_and_of_paths(resource: str, in_body: str, in_path: str, key: object) -> None:
    kind = Resource(resource).kind
    assert kind is not None
    assert kind.read(in_body) == kind.read_segment(in_path, some_parts=False) == key


@pytest.mark.parametrize(
    ("resource", "ids", "flaw"),
    [
        (ACCOUNTS, "(a:b)", "'(a:b)' must be a long"),
        (POSTS, "List(a)", "'List(a)' must be text"),
        (CONVERSIONS, "a", "'a' must be a map"),
        (ASSOCIATION, "a", "'a' must be a map"),
        (ASSOCIATION, "(src:a)", r"'(src:a)' is not a compound key of dest, src"),
    ],
)
def test_what_a_refusal_says_of_a_key(resource: str, ids: str, flaw: str) -> None:
    kind = Resource(resource).kind
    assert kind is not None
    with pytest.raises(Refusal, match=re.escape(f"400: Key value {flaw}")):
        kind.typed(decode(ids))
