"""What the laws are tried on; shared by the files of tests/property and others."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from restli_core.messages import HttpRequest
from restli_core.urn import Urn
from tests.support.independent_codec import Element, write
from tests.support.samples import ANSWERS
from tests.support.values import nested

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# Rest.li values

GRAMMAR = "(),:'%"
NASTY = GRAMMAR + "List$&+=#?/;@!*~._- \t\n\0\x7f\xe9\u20ac\ue000\uffff\U0001f600"

texts: SearchStrategy[str] = (
    st.text(NASTY, max_size=8)
    | st.text(max_size=8)
    | st.sampled_from(["", "''", "List", "List(", "%27%27", "%2C", "null"])
)
"""Text that can be sent; most of it is what an encoder stumbles over."""


def containers(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4)


elements: SearchStrategy[Element] = st.recursive(texts, containers, max_leaves=12)
"""Values as a decoder gives them: text, lists and maps."""


class Colour(StrEnum):
    RED = "(red)"
    NONE = ""


class Count(IntEnum):
    NONE = 0
    MANY = 10**20


urns: SearchStrategy[Urn] = st.lists(
    st.integers(0, 999) | st.text(NASTY.translate({ord(c): None for c in "(),"}), min_size=1, max_size=4), max_size=3
).map(lambda parts: Urn(f"urn:li:thing:({','.join(map(str, parts))})"))

leaves: SearchStrategy[Any] = st.one_of(
    texts,
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.binary(max_size=8),
    st.sampled_from(Colour),
    st.sampled_from(Count),
    urns,
)
"""Scalars of every type that an encoder takes."""

encodables: SearchStrategy[Any] = st.recursive(
    leaves, lambda children: containers(children) | st.lists(children, max_size=3).map(tuple), max_leaves=12
)
"""Values of every type that an encoder takes, nested."""

params: SearchStrategy[dict[str, Element]] = st.dictionaries(texts.filter(bool), elements, max_size=4)
"""Parameters of a query as a server reads them; a server cannot be told of one without a name."""


def damaged(wire: str, place: int, inserted: str, removed: int) -> str:
    place = place % (len(wire) + 1)
    return wire[:place] + inserted + wire[place + removed :]


PIECES = ["%27", "%28", "%4C", "%80", "%98", "%C3", "%E2%82", "%ED", "%ed%a0", "%F0%9F", "%F4%90", "%FF"]
escapes: SearchStrategy[str] = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
"""Percent-escapes that mostly are not UTF-8."""

wires: SearchStrategy[str] = st.one_of(
    st.text(NASTY + "0123456789ABCDEFabcdef", max_size=24),
    st.text(st.characters(), max_size=12),
    st.lists(escapes | texts, max_size=4).map("".join),
    elements.flatmap(lambda value: st.sampled_from([write(value, form) for form in ("path", "query", "header")])),
    st.builds(
        damaged,
        elements.map(lambda value: write(value, "header")),
        st.integers(0, 1000),
        st.text(NASTY, max_size=3) | escapes | st.sampled_from(["%", "%4", "''", "List("]),
        st.integers(0, 3),
    ),
)
"""Text that may or may not be an element: noise, well-formed, and slightly damaged."""

queries: SearchStrategy[str] = st.lists(
    st.one_of(
        wires,
        st.tuples(st.sampled_from(["fields", "%66ields", "a", "%61", "a+b", "''", ""]) | texts, wires).map("=".join),
    ),
    max_size=4,
).map("&".join)
"""Text that may or may not be a query."""

# HTTP requests

legal_queries: SearchStrategy[str] = st.lists(
    st.text("ab1!$&'()*+,-./:;=?@[]_~", min_size=1, max_size=6)
    | st.integers(0, 255).map("%{:02X}".format)
    | st.sampled_from(["ids=List(1,2)", "%c3%a9", "?", "&", "--xyz"]),
    min_size=1,
    max_size=6,
).map("".join)
"""Queries that a URI may have; never empty."""

header_fields: SearchStrategy[tuple[str, str]] = st.tuples(
    st.sampled_from(["Accept", "accept", "X-RestLi-Method", "X-RestLi-Protocol-Version", "Authorization", "B"]),
    st.text('ab1 ,;="\\\t', max_size=8).map(lambda value: value.strip(" \t")),
)
"""Header fields that tell nothing of a body."""

media_types: SearchStrategy[str] = st.sampled_from(
    [
        "application/json",
        "APPLICATION/JSON ;charset=UTF-8",
        'application/x-pson; a="b; c=\\"d\\""; boundary=xyz;',
        "application/octet-stream",
        "application/x-www-form-urlencoded",
    ]
)
"""Content-Types of bodies that any part of a multipart can carry."""

FRAGMENTS_OF_MULTIPART = [
    *(b"--xyz", b"--", b"-", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\n--xyz\n", b"\r\n--xyz--\r\n"),
    *(b"Content-Type:", b"content-transfer-encoding: ", b"base64", b"quoted-printable", b"8bit", b"e30=", b"=\n", b"="),
    *(b"application/json", b"application/x-www-form-urlencoded", b"text/plain", b"multipart/mixed; boundary=xyz"),
    *(b"ids=List(1,2)", b"a=%20", b"{}", b"\xc3\xa9", b"\xff", b"\0", b";", b'"', b"\\"),
]

bodies: SearchStrategy[bytes] = st.binary(max_size=40) | st.lists(
    st.sampled_from(FRAGMENTS_OF_MULTIPART), max_size=16
).map(b"".join)
"""Any bytes; much of it looks like a multipart with the boundary xyz."""


def multipart(parts: list[tuple[bytes, bytes, bytes]], end: bytes, line: bytes) -> bytes:
    pieces = [
        line.join([b"--xyz", b"Content-Type: " + kind, b"Content-Transfer-Encoding: " + coding, b"", content])
        for kind, coding, content in parts
    ]
    return line.join([*pieces, end])


multiparts: SearchStrategy[bytes] = st.builds(
    multipart,
    st.lists(
        st.tuples(
            st.sampled_from([b"application/json", b"application/x-www-form-urlencoded", b"text/plain", b"a/b; c"]),
            st.sampled_from([b"7bit", b"base64", b"quoted-printable", b"Binary", b"uuencode"]),
            legal_queries.map(str.encode) | bodies,
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([b"--xyz--", b"--xyz--\r\nepilogue", b"--xyz", b""]),
    st.sampled_from([b"\r\n", b"\n"]),
)
"""Multiparts with the boundary xyz, mostly well-formed."""


addresses: SearchStrategy[str] = st.sampled_from(
    ["http://h/r", "https://h:8080/r/(a:b,c:d)", "http://h", "/r", "r", "/", "http://h/r/%28x%29/"]
)
"""URLs without a query."""

verbs: SearchStrategy[str] = st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"])
urls_with_query: SearchStrategy[str] = st.builds("{}?{}".format, addresses, legal_queries)


def described(fields: list[tuple[str, str]], place: int, content_type: str) -> list[tuple[str, str]]:
    return [*fields[:place], ("Content-Type", content_type), *fields[place:]]


requests_with_query: SearchStrategy[HttpRequest] = st.builds(
    HttpRequest, verbs, urls_with_query, st.lists(header_fields, max_size=4)
) | st.builds(
    HttpRequest,
    verbs,
    urls_with_query,
    st.builds(described, st.lists(header_fields, max_size=4), st.integers(0, 4), media_types),
    bodies | multiparts,
)
"""Requests with a query, as Rest.li's client may send them: with a body, only with its type."""

http_requests: SearchStrategy[HttpRequest] = st.builds(
    HttpRequest,
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "get"]),
    st.builds("{}{}".format, addresses, st.sampled_from(["", "?", "#f", "?#f"]) | legal_queries.map("?{}".format)),
    st.lists(
        header_fields
        | st.tuples(
            st.sampled_from(["X-HTTP-Method-Override", "x-http-method-override"]),
            st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "get", ""]),
        )
        | st.tuples(
            st.sampled_from(["Content-Type", "content-type"]),
            media_types
            | st.sampled_from(
                [
                    "multipart/mixed; boundary=xyz",
                    'multipart/mixed;BOUNDARY="x\\yz"',
                    "multipart/mixed",
                    "Multipart/Mixed; boundary=xyz",
                    "multipart/related; boundary=xyz",
                    "text/plain",
                    "a/b; c",
                    "",
                ]
            ),
        )
        | st.tuples(st.just("Content-Length"), st.sampled_from(["0", "7"])),
        max_size=5,
    ),
    bodies | multiparts | legal_queries.map(str.encode),
)
"""Requests of all kinds: tunnelled, not tunnelled, and ill described."""

# JSON documents

field_names: SearchStrategy[str] = (
    st.sampled_from(["a", "b", "c", "x$y", "$a", "$$a", "$set", "$delete", "$reorder", "", "0"]) | texts
)
"""Names in JSON objects; few, so that two documents have many in common, and some that a patch finds special."""

scalars: SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-1, 1) | st.floats() | texts
"""JSON's scalars; the numbers are few, so that equal values of different types meet."""


def documents_of(names: SearchStrategy[str]) -> SearchStrategy[dict[str, Any]]:
    def grown(children: SearchStrategy[Any]) -> SearchStrategy[Any]:
        return st.lists(children, max_size=3) | st.dictionaries(names, children, max_size=4)

    return st.dictionaries(names, st.recursive(scalars, grown, max_leaves=8), max_size=4)


documents: SearchStrategy[dict[str, Any]] = documents_of(field_names)
"""JSON objects."""

documents_without_dollars: SearchStrategy[dict[str, Any]] = documents_of(
    field_names.filter(lambda name: not name.startswith("$"))
)
"""JSON objects in which no name begins with a dollar sign."""


# Masks

mask_names: SearchStrategy[str] = st.sampled_from(["a", "b", "id", "$*", "$$a", "x$$y", "a-b"]) | st.text(
    "aZ09'$*/;?!@~-._", min_size=1, max_size=4
).filter(lambda name: not name.startswith("-") and name not in {"$start", "$count"})

mask_ranges: SearchStrategy[dict[str, int]] = st.dictionaries(
    st.sampled_from(["$start", "$count"]), st.integers(0, 3) | st.integers(0, 2**31 - 1), max_size=2
)


def masks_around(children: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    return st.builds(dict.__or__, mask_ranges, st.dictionaries(mask_names, children, max_size=4))


masks: SearchStrategy[dict[str, Any]] = st.dictionaries(
    mask_names, st.recursive(st.booleans(), masks_around, max_leaves=12), max_size=4
)
"""Masks that a mapping can say: of names to True, False, a mask or, under a range, a number."""

mask_texts: SearchStrategy[str] = st.lists(
    st.sampled_from(
        ["a", "b", "-", "$*", "$$a", "\xe9", " ", ",", ":", "(", ")", ":(", "a:(b)", "a:(b,-c)", "$start:", "$count:2"]
    ),
    max_size=12,
).map("".join) | st.text(max_size=12)
"""Text that may or may not be a mask."""


# Answers

MEMBERS = (
    *("results", "statuses", "errors", "elements", "paging", "metadata", "entity", "error", "status", "id", "location"),
    *("isError", "value", "start", "count", "total", "links", "message", "serviceErrorCode", "code", "errorDetails"),
    "requestId",
)
WIRE_KEYS = ("1", "2", "(a:1)", "(b:x,a:1)", "%31", "urn%3Ali%3Ax%3A1", "(a:\ud800)", "(a", "''", "(", "%zz(")

json_values: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.sampled_from(WIRE_KEYS) | texts, children, max_size=4)
    ),
    max_leaves=20,
)
"""JSON of which a part looks like answers."""


def damaged_octets(content: bytes, place: int, inserted: bytes, removed: int) -> bytes:
    return damaged(content.decode("latin-1"), place, inserted.decode("latin-1"), removed).encode("latin-1")


answer_bodies: SearchStrategy[bytes] = st.one_of(
    st.binary(max_size=40),
    json_values.map(json.dumps).map(str.encode),
    st.builds(
        damaged_octets,
        json_values.map(json.dumps).map(str.encode)
        | st.sampled_from([json.dumps(one).encode() for one in ANSWERS.values()]),
        st.integers(0, 1000),
        st.sampled_from([b"", b"\xff", b"\xc3", b"NaN", b"1e999", b"null", b'"', b"[" * 2000, b"9" * 5000, b"\\ud800"]),
        st.integers(0, 3),
    ),
)
"""What a server may have for a body."""

answer_fields: SearchStrategy[list[tuple[str, str]]] = st.lists(
    st.tuples(
        st.sampled_from(["Retry-After", "Date", "X-RestLi-Id", "Location", "X-LI-UUID", "Content-Type"])
        | st.text(max_size=4),
        st.sampled_from(["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "120", "(a:1)"])
        | st.text(max_size=8),
    ),
    max_size=4,
)
"""What a server may have for header fields."""

statuses: SearchStrategy[int] = st.sampled_from([200, 201, 204, 400, 401, 426, 429, 500]) | st.integers(-1, 1000)
"""HTTP statuses, and some that are none."""

# Arguments


def endless_nesting() -> list[Any]:
    inner: list[Any] = []
    inner.append({"a": inner})
    return inner


def deep_nesting() -> list[Any]:
    return [nested([], "[" * 2000)]  # more levels than Python would recurse through


def deep_tuple() -> tuple[Any, ...]:
    tower: tuple[Any, ...] = ()
    for _ in range(500):
        tower = (tower, tower[:0])
    return tower


def enormous() -> int:
    return 10**5000


oddities: SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.sampled_from(
        ["\ud800", "a\r\nX: b", "\0", ".", "..", "%2e", "{id}", "{id.__class__}", "/r", "http://h", "202609"]
    ),
    st.binary(max_size=4),
    st.decimals(),
    st.builds(object),
    st.builds(endless_nesting),
    st.builds(deep_nesting),
    st.builds(enormous),
    st.sampled_from([int, len, range(3), {1, 2}, frozenset("ab"), bytearray(b"x"), memoryview(b"x"), 1j]),
    st.builds(iter, st.lists(texts, max_size=2)),
    st.sampled_from(Colour),
    urns,
)
"""Things that a caller might pass, with or without sense."""

arguments: SearchStrategy[Any] = st.recursive(
    oddities,
    lambda children: (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=2).map(tuple)
        | st.dictionaries(
            texts | st.sampled_from(["id", "ids", "q", "fields", "criteria", "X-A", "Host", "$params", "\ud800"]),
            children,
            max_size=3,
        )
        | st.dictionaries(st.integers() | st.none() | st.builds(enormous) | st.builds(deep_tuple), children, max_size=2)
    ),
    max_leaves=8,
)
"""The same, in lists, tuples and mappings."""
