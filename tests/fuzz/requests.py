"""Targets of the other end: requests out of their tunnel, and what they ask for.

An input is a request as HTTP writes it, of one version and with bare line feeds::

    POST /r/1?a=b
    X-HTTP-Method-Override: PUT
    <an empty line>
    <the body>
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from restli_core import DecodeError, Headers, HttpRequest, InvalidCallError, param_decode, param_encode
from restli_core.methods import METHODS
from restli_core.server import Invocation, Refusal, Resource, read
from restli_core.tunnelling import is_tunnelled, tunnel, untunnel
from tests.fuzz.target import Target
from tests.support import samples
from tests.vectors import load

__all__ = ["TARGETS"]

RESOURCES = [
    *map(Resource, ("/r", "/r/{id}", "/long/{id:long}", "/long/{id:long}/sub/{sub}")),
    *map(Resource, ("/complex/{id:complex}", "/association/{id:association(a,b)}")),
]
TUNNEL_WORDS = (
    *("X-HTTP-Method-Override: ", "Content-Type: ", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x"),
    *("\n--x\n", "\r\n--x--\r\n", "Content-Transfer-Encoding: base64", "quoted-printable", "text/plain", "\n\n", "a=b"),
    *('boundary="x"', "application/json", "GET", "POST", "PUT", "OPTIONS", "%20", ";", "multipart/related"),
)
READ_WORDS = (
    *(
        "GET ",
        "POST ",
        "PUT ",
        "DELETE ",
        "X-RestLi-Method: ",
        "Accept: ",
        "Content-Type: ",
        "\n\n",
        "/r/1",
        "/complex/",
    ),
    *(
        "/long/1/sub/x",
        "/association/(a:1,b:2)",
        "?ids=List(1,2)",
        "?q=",
        "?bq=",
        "?action=",
        "&fields=a:(b)",
        "&",
        "=",
    ),
    *("$returnEntity=true", '{"entities":{"1":{}}}', '{"elements":[{}]}', '{"patch":{"$set":{"a":1}}}', "List(", "%28"),
    *(
        "batch_partial_update",
        "(a:1,b:2)",
        "$params",
        "X-HTTP-Method-Override: GET",
        "''",
        "application/*",
        '"entities"',
    ),
)


def request_of(data: bytes, added: Mapping[str, str]) -> HttpRequest | None:
    """Return the request that an input is, with these fields where it has none of their names; None for no request."""
    head, _, body = data.partition(b"\n\n")
    line, *lines = head.decode("latin-1").split("\n")
    method, _, url = line.partition(" ")
    fields = [(name, value.strip(" ")) for name, _, value in (line.partition(":") for line in lines)]
    names = {name.lower() for name, _ in fields}
    try:
        return HttpRequest(
            method, url, [*fields, *(pair for pair in added.items() if pair[0].lower() not in names)], body
        )
    except InvalidCallError:
        return None


def written(method: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the input that a request is."""
    fields = "".join(f"\n{name}: {value}" for name, value in headers.items() if name != "Content-Length")
    return f"{method} {url}{fields}\n\n".encode("latin-1", "replace") + body


# -- out of the tunnel -------------------------------------------------------------------------------------------------

OVERRIDDEN = {"X-HTTP-Method-Override": "PUT", "Content-Type": "multipart/mixed; boundary=x"}


def untunnelled(data: bytes) -> object:
    request = request_of(data, OVERRIDDEN)
    return None if request is None else untunnel(request)


def check_untunnel(data: bytes) -> None:
    request = request_of(data, OVERRIDDEN)
    if request is None:
        return
    assert is_tunnelled(request)
    try:
        carried = untunnel(request)
    except DecodeError as refusal:
        assert 0 <= refusal.position <= len(refusal.text)
        return
    assert not is_tunnelled(carried)
    assert carried.method == request.headers["X-HTTP-Method-Override"]
    try:
        again = untunnel(tunnel(carried))
    except InvalidCallError:  # the types of the two bodies need not be such as `tunnel` takes
        return
    assert again == meant(carried)


def meant(request: HttpRequest) -> HttpRequest:
    """Return what a tunnel carries of a request; all of it where it has no query, and so goes through none."""
    if not request.url.partition("#")[0].partition("?")[2]:
        return request
    headers = request.headers.without("Content-Length", *([] if request.body else ["Content-Type"]))
    return HttpRequest(request.method, request.url.partition("#")[0], headers, request.body)


def tunnel_seeds() -> Iterable[bytes]:
    for case in load("untunnel"):
        asked = case["in"]
        yield written(asked["method"], asked["uri"], asked["headers"], asked["body"].encode())


# -- what is asked for -------------------------------------------------------------------------------------------------

VERSION = {"X-RestLi-Protocol-Version": "2.0.0"}


def read_both(data: bytes) -> None:
    request = request_of(data, VERSION)
    if request is not None:
        for resources in (RESOURCES, None):
            understood(request, resources)


def understood(request: HttpRequest, resources: list[Resource] | None) -> Invocation | None:
    """Return what a request asks for; None where it is refused as a server refuses."""
    try:
        return read(request, resources)
    except Refusal as refusal:
        assert 400 <= refusal.status < 500
        assert json.loads(refusal.response.body)["status"] == refusal.status
        return None


def check_read(data: bytes) -> None:
    request = request_of(data, VERSION)
    if request is None:
        return
    for resources in (RESOURCES, None):
        invocation = understood(request, resources)
        if invocation is None:
            continue
        assert invocation.method in METHODS
        assert repr(invocation)
        if not is_tunnelled(request):
            check_others(request, invocation, resources)


def check_others(request: HttpRequest, invocation: Invocation, resources: list[Resource] | None) -> None:
    """Hold what is read to what is read of the same request in a tunnel, and with its query written anew."""
    others: list[HttpRequest] = []
    address, mark, query = request.url.partition("?")
    with suppress(InvalidCallError):  # not all that can be read can be tunnelled
        others.append(tunnel(request))
    with suppress(InvalidCallError):  # nor sent: projections stand raw
        others.append(request.__replace__(url=f"{address}{mark}{param_encode(param_decode(query))}"))
    for other in others:
        again = understood(other, resources)
        assert again is not None
        assert comparable(again) == comparable(invocation)


def comparable(invocation: Invocation) -> Invocation:
    """Return it without what a tunnel or another spelling of the query may change."""
    return replace(invocation, query="", headers=Headers())


def read_seeds() -> Iterable[bytes]:
    for name in METHODS:
        for options in ({}, {"tunnel_above": 0}):
            request = samples.call(name, base_url="http://h", **options).request
            kept = request.headers.without("User-Agent", "X-RestLi-Protocol-Version", "Content-Length")
            yield written(request.method, request.url.removeprefix("http://h"), dict(kept.items()), request.body)
    for exchange in load("server_exchanges"):
        asked = exchange["in"]
        yield written(asked["method"], asked["target"], asked["headers"], asked["body"].encode())


TARGETS = {
    "untunnel": Target(
        "a request comes out of its tunnel or a DecodeError does; untunnel(tunnel(r)) == r for what came out",
        untunnelled,
        check_untunnel,
        TUNNEL_WORDS,
        tunnel_seeds,
    ),
    "read": Target(
        "it is understood or refused with 4xx; in a tunnel, and with its query written anew, it means the same",
        read_both,
        check_read,
        READ_WORDS,
        read_seeds,
    ),
}
