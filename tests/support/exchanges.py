"""What LinkedIn's own server was asked and what it answered (tests/vectors/server_exchanges.json)."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core.messages import HttpRequest
from tests.vectors import load

DECLARED = (
    "/greetings/{greetingsId:long}",
    "/greeting",
    "/greeting/subgreetings/{subgreetingsId:long}",
    "/stringKeys/{parentKey}",
    "/stringKeys/{parentKey}/stringKeysSub/{subKey}",
    "/complexKeys/{keys:complex}",
    "/associations/{associationsId:association(src,dest)}",
    "/associations/{associationsId:association(src,dest)}/associationsSub/{subKey}",
    "/actions",
    "/batchfinders/{id:long}",
    "/createGreeting/{id:long}",
    "/partialUpdateGreeting/{key:long}",
    "/exceptions/{id:long}",
    "/exceptions2/{id:long}",
    "/exceptions3/{exceptions3Id:long}",
    "/groups/{id:long}",
    "/groupMemberships/{groupMembershipsId:association(groupID,memberID)}",
    "/customTypes/{id:long}",
    "/complexArray/{complexArrayId:complex}",
    "/compression/{id:long}",
    "/byteStringArrayQueryParam/{id:long}",
    "/validationDemos/{id:long}",
    "/emptyUnion/{emptyUnionId:long}",
    "/nullGreeting/{nullGreetingId:long}",
    "/pagingMetadataProjections/{id:long}",
    "/altKey/{altKeyId:long}",
)
"""The resources of LinkedIn's integration tests, as far as the exchanges meet them."""

UNSENDABLE = {
    74: "a raw non-ASCII character in the target, which no HTTP request can have (RFC 9112 section 3.2); Jetty lets it "
    "through",
    122: "a raw space in the target, likewise; Jetty answers 400, before Rest.li",
}

LEFT_OUT = {
    29: "the name of a finder that the resource does not have: `read` does not know finders, a dispatcher refuses it",
    51: "the name of an action that the resource does not have; likewise",
    53: "the action's schema: its parameter is an int; Rest.li's schemas are not a part of the protocol on the wire",
    55: "the action's schema: its parameter is a string; likewise",
    56: "the action's schema; likewise",
    121: "the key's schema: a part of the complex key is a string; likewise. The reference fails with 500",
    182: "protocol 1.0.0, as the request has no X-RestLi-Protocol-Version; this package speaks 2.0.0 alone",
    183: "protocol 1.0.0; likewise",
    187: "PSON, LinkedIn's binary coding, is what the request accepts and nothing else; this package speaks JSON alone",
    215: "an alternative key, text that the resource's own code turns into the long that the key is",
    216: "alternative keys; likewise",
}

EXCHANGES = [
    (i, case) for i, case in enumerate(load("server_exchanges")) if i not in LEFT_OUT.keys() | UNSENDABLE.keys()
]

# The reference routes these two before it refuses what $returnEntity says.
REFUSED_AFTER_ROUTING = {153, 154}

UNDERSTOOD = [(i, case) for i, case in EXCHANGES if case["ok"]["routed"] and i not in REFUSED_AFTER_ROUTING]
REFUSED = [(i, case) for i, case in EXCHANGES if (i, case) not in UNDERSTOOD]


def request_of(exchange: dict[str, Any]) -> HttpRequest:
    """Return the request that LinkedIn's server was sent."""
    request = exchange["in"]
    return HttpRequest(request["method"], request["target"], request["headers"], (request["body"] or "").encode())


def numbered(exchanges: list[tuple[int, dict[str, Any]]]) -> pytest.MarkDecorator:
    """Parametrise a test with exchanges, each by its number in the file."""
    return pytest.mark.parametrize("exchange", [pytest.param(exchange, id=str(i)) for i, exchange in exchanges])
