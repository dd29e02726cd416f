from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from enum import Enum
from typing import Any

import pydantic
import pytest

from restli_core.encoding import decode, encode, reduced_encode
from restli_core.errors import InvalidCallError
from restli_core.urn import Urn, read_urn


@pytest.mark.parametrize(
    ("text", "namespace", "entity_type", "id", "parts"),
    [
        ("urn:li:sponsoredCampaign:123", "li", "sponsoredCampaign", "123", ("123",)),
        ("urn:li:person:aB-_9", "li", "person", "aB-_9", ("aB-_9",)),
        ("urn:lyndaCourse:x:1", "lyndaCourse", "x", "1", ("1",)),
        ("urn:li:x:(urn:li:y:1,2)", "li", "x", "(urn:li:y:1,2)", ("urn:li:y:1", "2")),
        ("urn:li:x:(urn:li:y:(a,b),(c,d),e)", "li", "x", "(urn:li:y:(a,b),(c,d),e)", ("urn:li:y:(a,b)", "(c,d)", "e")),
        ("urn:li:x:(a)", "li", "x", "(a)", ("a",)),
        ("urn:li:x:()", "li", "x", "()", ()),
        ("urn:li:x:(,)", "li", "x", "(,)", ("", "")),
        ("urn:li:x:(a,,b)", "li", "x", "(a,,b)", ("a", "", "b")),
        ("urn:li:x:((()))", "li", "x", "((()))", ("(())",)),
        ("urn:li:x:(urn:li:y:1)", "li", "x", "(urn:li:y:1)", ("urn:li:y:1",)),
        ("urn:li:page:a:b:c", "li", "page", "a:b:c", ("a:b:c",)),
        ("urn:li:x:a,b", "li", "x", "a,b", ("a,b",)),
        ("urn:li:x: \n\u20ac", "li", "x", " \n\u20ac", (" \n\u20ac",)),
    ],
)
def test_reading(text: str, namespace: str, entity_type: str, id: str, parts: tuple[str, ...]) -> None:
    urn = Urn(text)
    assert (urn.namespace, urn.entity_type, urn.id, urn.parts) == (namespace, entity_type, id, parts)
    assert Urn(f"urn:{urn.namespace}:{urn.entity_type}:{urn.id}") == urn


@pytest.mark.parametrize(
    ("urn", "text"),
    [
        (Urn.of("sponsoredCampaign", 123), "urn:li:sponsoredCampaign:123"),
        (Urn.of("person", "abc"), "urn:li:person:abc"),
        (Urn.of("x", Urn("urn:li:y:1"), 2), "urn:li:x:(urn:li:y:1,2)"),
        (Urn.of("x", Urn.of("y", 1, 2), Urn.of("z", 3)), "urn:li:x:(urn:li:y:(1,2),urn:li:z:3)"),
        (Urn.of("x"), "urn:li:x:()"),
        (Urn.of("x", "a", "b", namespace="lyndaCourse"), "urn:lyndaCourse:x:(a,b)"),
        (Urn.of("x", Urn("urn:li:y:1")), "urn:li:x:urn:li:y:1"),
    ],
)
def test_building(urn: Urn, text: str) -> None:
    assert type(urn) is Urn
    assert urn == text


def test_parts_that_were_built_are_read_back() -> None:
    parts = (Urn.of("y", 1, 2), "3", "")
    urn = Urn.of("x", *parts)
    assert urn.parts == parts
    assert Urn.of(urn.entity_type, *urn.parts, namespace=urn.namespace) == urn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn",
        "urn:",
        "urn:li",
        "urn:li:",
        "urn:li:x",
        "urn:li:x:",
        "urn::x:1",
        "urn:li::1",
        ":li:x:1",
        "URN:li:x:1",
        " urn:li:x:1",
        "xurn:li:x:1",
        "urn%3Ali%3Ax%3A1",
    ],
)
def test_malformed_text_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Urn(text)
    assert caught.value.argument == "urn"
    assert caught.value.reason


@pytest.mark.parametrize("id", ["(", "(a", "(a,b", "(a,(b)", "(a))", "(a)b", "(a),(b)", "(a)(b)", "((a)", ")", "a)(b"])
def test_an_id_whose_parentheses_do_not_match_is_text(id: str) -> None:
    urn = Urn(f"urn:li:x:{id}")
    assert (urn.namespace, urn.entity_type, urn.id, urn.parts) == ("li", "x", id, (id,))
    assert Urn.of("x", id) == urn
    assert decode(encode(urn)) == urn


@pytest.mark.parametrize("arguments", [("", 1), ("x", ""), ("x", "a", ")"), ("x", "a)", "(b"), ("x", "(", "a")])
def test_parts_that_make_no_urn_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidCallError):
        Urn.of(*arguments)


class Kind(str, Enum):  # noqa: UP042 - the `str` of a StrEnum is its text
    """Texts whose `str` is not what they say, as in many programs."""

    CAMPAIGN = "sponsoredCampaign"
    ACME = "urn:li:organization:1"


class Number(int, Enum):
    """A number of that kind."""

    ONE = 1


def test_the_member_of_an_enum_is_its_value() -> None:
    assert Urn(Kind.ACME) == "urn:li:organization:1"
    assert Urn.of(Kind.CAMPAIGN, Kind.ACME, Number.ONE) == "urn:li:sponsoredCampaign:(urn:li:organization:1,1)"
    assert Urn.of("x", Number.ONE, namespace=Kind.CAMPAIGN) == "urn:sponsoredCampaign:x:1"


def test_an_int_of_too_many_digits_is_refused() -> None:
    with pytest.raises(InvalidCallError, match=r"^parts: have an int of more digits than Python converts to text$"):
        Urn.of("x", 10**5000)


def test_a_namespace_may_not_be_empty() -> None:
    with pytest.raises(InvalidCallError):
        Urn.of("x", 1, namespace="")


def test_it_is_its_text() -> None:
    text = "urn:li:x:(urn:li:y:1,2)"
    urn = Urn(text)
    assert isinstance(urn, str)
    assert urn == text
    assert hash(urn) == hash(text)
    assert {text: 1}.get(urn) == dict.fromkeys([urn], 1).get(Urn(text)) == 1
    assert text in frozenset([urn, "a"])
    assert str(urn) == f"{urn}" == text
    assert type(str(urn)) is str
    assert not hasattr(urn, "__dict__")
    assert sorted([urn, "urn:li:a:1"]) == ["urn:li:a:1", urn]


def test_it_is_a_json_value() -> None:
    urn = Urn("urn:li:x:1")
    assert json.loads(json.dumps({urn: [urn]})) == {"urn:li:x:1": ["urn:li:x:1"]}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_pickles(protocol: int) -> None:
    urn = Urn("urn:li:x:(1,2)")
    again = pickle.loads(pickle.dumps(urn, protocol))
    assert type(again) is Urn
    assert again == urn


def test_it_copies() -> None:
    urn = Urn("urn:li:x:(1,2)")
    for again in (copy.copy(urn), copy.deepcopy(urn), Urn(urn)):
        assert type(again) is Urn
        assert again == urn


def test_its_repr_builds_it() -> None:
    urn = Urn("urn:li:x:it's")
    assert repr(urn) == 'Urn("urn:li:x:it\'s")'
    assert eval(repr(urn)) == urn


def test_it_is_encoded_as_text() -> None:
    urn = Urn("urn:li:x:(urn:li:y:1,2)")
    assert encode(urn) == encode(str(urn)) == "urn%3Ali%3Ax%3A%28urn%3Ali%3Ay%3A1%2C2%29"
    assert encode({urn: [urn]}) == encode({str(urn): [str(urn)]})
    assert reduced_encode([urn]) == reduced_encode([str(urn)])
    assert Urn(str(decode(encode(urn)))) == urn


def test_depth(depth: int) -> None:
    inner = "(" * (depth - 1) + ",".join("ab") + ")" * (depth - 1)
    urn = Urn(f"urn:li:x:({inner},c)")
    assert urn.parts == (inner, "c")
    assert urn.id == f"({inner},c)"
    cut = Urn(f"urn:li:x:({inner},c")
    assert cut.parts == (cut.id,)


def test_many_parts(many: int) -> None:
    parts = tuple(map(str, range(many)))
    assert Urn.of("x", *parts).parts == parts


@pytest.mark.parametrize(
    ("entity_type", "parts"),
    [("x", ("a,b", "c")), ("x:y", (1,)), ("x", ("(a", "b")), ("x", (",", ""))],
)
def test_parts_that_would_be_read_as_others_are_refused(entity_type: str, parts: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidCallError):
        Urn.of(entity_type, *parts)


class Post(pydantic.BaseModel):
    id: Urn
    authors: list[Urn] = []
    counts: dict[Urn, int] = {}
    parent: Urn | None = None


@pytest.mark.parametrize("value", ["urn:li:x:1", Urn("urn:li:x:(1,2)")], ids=["text", "URN"])
def test_a_value_that_is_a_urn_is_read(value: str) -> None:
    urn = read_urn(value)
    assert type(urn) is Urn
    assert urn == value


@pytest.mark.parametrize("value", ["urn:li", "", 5, None, b"urn:li:x:1"])
def test_a_value_that_is_not_a_urn_is_none(value: Any) -> None:
    assert read_urn(value) is None


def test_a_model_of_pydantic_may_have_it_as_a_field() -> None:
    text = "urn:li:x:(urn:li:y:1,2)"
    post = Post.model_validate({"id": text, "authors": ["urn:li:y:1"], "counts": {"urn:li:y:2": 3}, "parent": None})
    assert type(post.id) is type(post.authors[0]) is type(next(iter(post.counts))) is Urn
    assert post.id.parts == ("urn:li:y:1", "2")
    written = {"id": text, "authors": ["urn:li:y:1"], "counts": {"urn:li:y:2": 3}, "parent": None}
    assert post.model_dump() == post.model_dump(mode="json") == written
    assert Post.model_validate_json(post.model_dump_json()) == post
    assert Post(id=Urn(text)).id == text


@pytest.mark.parametrize("value", ["urn:li", "", 5, None, ["urn:li:x:1"]])
def test_pydantic_refuses_what_is_not_one(value: Any) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        Post.model_validate({"id": value})
    assert caught.value.errors()[0]["loc"] == ("id",)


def test_pydantic_takes_only_texts_where_it_is_strict() -> None:
    adapter = pydantic.TypeAdapter(Urn, config={"strict": True})
    assert type(adapter.validate_python(Urn("urn:li:x:1"))) is type(adapter.validate_python("urn:li:x:1")) is Urn
    assert adapter.json_schema() == {"type": "string"}


def test_the_core_imports_no_pydantic() -> None:
    code = "import sys, restli_core; restli_core.Urn('urn:li:x:1'); sys.exit('pydantic' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
