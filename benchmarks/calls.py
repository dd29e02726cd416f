"""What a call costs without the network: building its request, and reading its answer beside a bare `json.loads`.

    python -m benchmarks.calls [--rounds N] [--seconds S]

A second table has machine instructions in place of times, where valgrind is installed: see `benchmarks.instructions`.
Beside what building costs stands a bare `json.dumps` of the same body.

Where LinkedIn's own client is installed (`pip install linkedin-api-client`), the last column has its ratio to
building and reading here: its call over an adapter of requests that answers from memory, since it does not tell the
two apart. In the table of instructions it is what it does up to sending: building, and requests' own preparing; and
the reading of an empty answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

import restli_core
from benchmarks import instructions
from benchmarks.timing import medians, options
from restli_core import HttpResponse
from restli_core.keys import body_key

_ACCOUNT: Final = {
    "id": 507404993,
    "name": "Summer sale",
    "type": "BUSINESS",
    "status": "ACTIVE",
    "currency": "EUR",
    "reference": "urn:li:organization:2414183",
    "test": False,
    "servingStatuses": ["RUNNABLE"],
    "changeAuditStamps": {"created": {"time": 1780000000000}, "lastModified": {"time": 1780000001000}},
}
_NUMBERS: Final = [*range(100_000_000, 100_000_500)]
_URNS: Final = [f"urn:li:sponsoredCampaign:{number}" for number in _NUMBERS]
_KEYS: Final = [
    {"conversion": f"urn:lla:llaPartnerConversion:{n}", "campaign": f"urn:li:campaign:{n}"} for n in _NUMBERS
]
COMMON: Final = {"access_token": "token", "version_string": "202605"}


def _results(ids: Sequence[Any]) -> dict[str, Any]:
    return {"results": {body_key(one): _ACCOUNT for one in ids}, "statuses": dict.fromkeys(map(body_key, ids), 200)}


# Of 1 KB, with twenty objects and arrays in it.
_CAMPAIGN: Final = {
    "account": "urn:li:sponsoredAccount:507404993",
    "campaignGroup": "urn:li:sponsoredCampaignGroup:1",
    "name": "Summer sale, all of Europe",
    "type": "SPONSORED_UPDATES",
    "status": "ACTIVE",
    "costType": "CPM",
    "creativeSelection": "OPTIMIZED",
    "locale": {"country": "US", "language": "en"},
    "runSchedule": {"start": 1780000000000, "end": 1790000000000},
    "unitCost": {"amount": "12.50", "currencyCode": "EUR"},
    "dailyBudget": {"amount": "100.00", "currencyCode": "EUR"},
    "audienceExpansionEnabled": False,
    "offsiteDeliveryEnabled": True,
    "servingStatuses": ["RUNNABLE"],
    "changeAuditStamps": {"created": {"time": 1780000000000}, "lastModified": {"time": 1780000001000}},
    "version": {"versionTag": "5"},
    "targetingCriteria": {
        "include": {
            "and": [
                {"or": {"urn:li:adTargetingFacet:locations": ["urn:li:geo:103644278", "urn:li:geo:101165590"]}},
                {"or": {"urn:li:adTargetingFacet:skills": [f"urn:li:skill:{number}" for number in range(5)]}},
            ]
        }
    },
}
_ESCAPED: Final = {
    "results": {urn.replace(":", "%3A"): _CAMPAIGN for urn in _URNS},
    "statuses": {urn.replace(":", "%3A"): 200 for urn in _URNS},
}

# name -> the method, its arguments, the answer
CALLS: Final[Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]]] = {
    "get of /me": ("get", {"resource_path": "/me"}, _CAMPAIGN),
    "by complex key, with fields": (
        "get",
        {
            "resource_path": "/adAccountUsers/{key}",
            "path_keys": {"key": {"account": "urn:li:sponsoredAccount:507404993", "user": "urn:li:person:abcDEF123"}},
            "fields": "account,user,role",
        },
        _CAMPAIGN,
    ),
    "of an account": ("get", {"resource_path": "/adAccounts/{id}", "path_keys": {"id": 507404993}}, _ACCOUNT),
    "finder": (
        "finder",
        {
            "resource_path": "/adAccounts",
            "finder_name": "search",
            "query_params": {
                "search": {
                    "reference": {"values": ["urn:li:organization:2414183"]},
                    "status": {"values": ["ACTIVE", "DRAFT"]},
                    "test": False,
                    "type": {"values": ["BUSINESS"]},
                },
                "start": 0,
                "count": 100,
            },
        },
        {"elements": [_CAMPAIGN] * 1000, "paging": {"start": 0, "count": 100, "links": []}},
    ),
    "create of 1 KB": ("create", {"resource_path": "/adCampaigns", "entity": _CAMPAIGN}, {}),
    "batch_get of 500 ids": ("batch_get", {"resource_path": "/adAccounts", "ids": _NUMBERS}, _results(_NUMBERS)),
    "of 500 URNs": ("batch_get", {"resource_path": "/adAccounts", "ids": _URNS}, _results(_URNS)),
    "of 500 URNs, escaped": ("batch_get", {"resource_path": "/adCampaigns", "ids": _URNS}, _ESCAPED),
    "of 500 complex keys": ("batch_get", {"resource_path": "/campaignConversions", "ids": _KEYS}, _results(_KEYS)),
    "batch_partial_update of 100": (
        "batch_partial_update",
        {
            "resource_path": "/adAccounts",
            "ids": _NUMBERS[:100],
            "patch_set_objects": [
                {"status": "PAUSED", "dailyBudget": {"amount": f"{number}.50", "currencyCode": "EUR"}}
                for number in range(100)
            ],
        },
        {"results": {str(number): {"status": 204} for number in _NUMBERS[:100]}},
    ),
}


def theirs(method: str, body: bytes) -> Callable[..., Any] | None:
    """The method of LinkedIn's own client, over an adapter that gives this answer; None where it is not here."""
    with suppress(ImportError):
        client = import_module("linkedin_api.clients.restli.client").RestliClient()
        client.session.mount("https://", _answering(body))
        found: Callable[..., Any] = getattr(client, method)
        return found
    return None


def _answering(body: bytes) -> Any:
    requests = import_module("requests")

    class Answering(requests.adapters.BaseAdapter):  # type: ignore[misc, name-defined]
        def send(self, request: Any, **_: Any) -> Any:
            response = requests.Response()
            response.status_code, response.url, response.request = 200, request.url, request
            response.headers["Content-Type"], response._content = "application/json", body
            return response

        def close(self) -> None: ...

    return Answering()


def operations() -> dict[str, Callable[[], object]]:
    """Return what is counted in instructions, by name."""
    found: dict[str, Callable[[], object]] = {}
    for name in CALLS:
        of_call = {**parts(name), **beside_building(name)}
        found |= {f"{name}, {part}": function for part, function in of_call.items()}
    return found


def beside_building(name: str) -> dict[str, Callable[[], object]]:
    """Return what else makes a request: `json.dumps` its body, if it has one, and LinkedIn's own client all of it."""
    method, arguments, _ = CALLS[name]
    found: dict[str, Callable[[], object]] = {}
    request = getattr(restli_core, method)(**arguments, **COMMON).request
    if request.headers.get("Content-Type") == "application/json":
        found["dumps"] = partial(json.dumps, json.loads(request.body))
    other = theirs(method, b"{}")
    if other is not None:
        method_of_theirs: Any = other
        session = method_of_theirs.__self__.session  # which is to send nothing: that costs several times as much
        answer = session.get_adapter(request.url).send(SimpleNamespace(url=request.url))
        session.send = lambda *_, **__: answer
        found["theirs"] = partial(other, **_as_theirs(arguments))
    return found


def _as_theirs(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call as LinkedIn's own client takes them: there, `fields` is a parameter."""
    given = {**arguments, **COMMON}
    if "fields" in given:
        given["query_params"] = {"fields": given.pop("fields")}
    return given


def parts(name: str) -> dict[str, Callable[[], object]]:
    """Return how a call is built, and how its answer is read: here, and by `json` alone."""
    method, arguments, document = CALLS[name]
    body = json.dumps(document).encode()
    build = partial(getattr(restli_core, method), **arguments, **COMMON)
    read = partial(build().parse, HttpResponse(200, {"Content-Type": "application/json"}, body))
    return {"build": build, "read": read, "loads": partial(json.loads, body)}


def contenders(name: str) -> dict[str, Callable[[], object]]:
    """Return the parts of a call, and beside them the whole of it by LinkedIn's own client, if it is here."""
    method, arguments, document = CALLS[name]
    found = parts(name)
    other = theirs(method, json.dumps(document).encode())
    if other is not None:
        found["theirs"] = partial(other, **_as_theirs(arguments))
    return found


def line(name: str, rounds: int, seconds: float) -> str:
    """One line of the table."""
    timed = contenders(name)
    taken = medians(timed, rounds, seconds)
    ratio = f"{taken['theirs'] / (taken['build'] + taken['read']):6.1f}" if "theirs" in taken else f"{'-':>6}"
    return f"{name:28} |{taken['build']:9.1f} |{taken['read']:9.1f} {taken['read'] / taken['loads']:11.2f} |{ratio}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    chosen = options(__doc__, arguments)
    print(f"{'':28} | build us |  read us /json.loads | theirs")
    for name in CALLS:
        print(line(name, chosen.rounds, chosen.seconds))
    if not instructions.is_there():
        return
    counted = instructions.counts("benchmarks.calls")
    print(f"\n{'thousands of instructions':28} |    build json.dumps    theirs |     read /json.loads")
    for name in CALLS:
        build, read, loads = (counted[f"{name}, {part}"] for part in ("build", "read", "loads"))
        beside = (_thousands(counted.get(f"{name}, {part}")) for part in ("dumps", "theirs"))
        print(f"{name:28} |{build / 1000:9.1f} {' '.join(beside)} |{read / 1000:9.1f} {read / loads:11.2f}")


def _thousands(count: float | None) -> str:
    return f"{'-':>10}" if count is None else f"{count / 1000:10.1f}"


if __name__ == "__main__":
    main()
