"""Requests that no call of ours makes: what the other end of a tunnel may be handed, and what anyone may ask to tunnel.

The public `http_requests` are those that calls make. Tunnelling has to survive all others as well: other verbs, headers
that describe no body, and bodies that are nearly a multipart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from restli_core.messages import HttpRequest

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

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

requests_of_any_make: SearchStrategy[HttpRequest] = st.builds(
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
