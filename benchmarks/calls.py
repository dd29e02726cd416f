"""What a call costs without the network: building its request, and reading its answer beside a bare `json.loads`.

    python -m benchmarks.calls [--rounds N] [--seconds S]

Where LinkedIn's own client is installed (`pip install linkedin-api-client`), the last column has its ratio to
building and reading here: its call over an adapter of requests that answers from memory, since it does not tell the
two apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, Final

import restli_core
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
_COMMON: Final = {"access_token": "token", "version_string": "202605"}


def _results(ids: Sequence[Any]) -> dict[str, Any]:
    return {"results": {body_key(one): _ACCOUNT for one in ids}, "statuses": dict.fromkeys(map(body_key, ids), 200)}


# name -> the method, its arguments, the answer
CALLS: Final[Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]]] = {
    "get": ("get", {"resource_path": "/adAccounts/{id}", "path_keys": {"id": 507404993}}, _ACCOUNT),
    "finder": (
        "finder",
        {
            "resource_path": "/adAccounts",
            "finder_name": "search",
            "query_params": {"search": {"status": {"values": ["ACTIVE", "DRAFT"]}}, "start": 0, "count": 100},
        },
        {"elements": [_ACCOUNT] * 100, "paging": {"start": 0, "count": 100, "links": []}},
    ),
    "create": (
        "create",
        {"resource_path": "/adAccounts", "entity": {"name": "Summer sale", "type": "BUSINESS", "currency": "EUR"}},
        {},
    ),
    "batch_get of 500 ids": ("batch_get", {"resource_path": "/adAccounts", "ids": _NUMBERS}, _results(_NUMBERS)),
    "of 500 URNs": ("batch_get", {"resource_path": "/adAccounts", "ids": _URNS}, _results(_URNS)),
    "of 500 complex keys": ("batch_get", {"resource_path": "/campaignConversions", "ids": _KEYS}, _results(_KEYS)),
    "batch_partial_update of 100": (
        "batch_partial_update",
        {
            "resource_path": "/adAccounts",
            "ids": _NUMBERS[:100],
            "patch_set_objects": [{"status": "PAUSED", "name": "Summer sale"}] * 100,
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


def line(name: str, rounds: int, seconds: float) -> str:
    """One line of the table."""
    method, arguments, document = CALLS[name]
    body = json.dumps(document).encode()
    build = partial(getattr(restli_core, method), **arguments, **_COMMON)
    read = partial(build().parse, HttpResponse(200, {"Content-Type": "application/json"}, body))
    functions = {"build": build, "read": read, "loads": partial(json.loads, body)}
    other = theirs(method, body)
    if other is not None:
        functions["theirs"] = partial(other, **arguments, **_COMMON)
    taken = medians(functions, rounds, seconds)
    ratio = f"{taken['theirs'] / (taken['build'] + taken['read']):6.1f}" if "theirs" in taken else f"{'-':>6}"
    return f"{name:28} |{taken['build']:9.1f} |{taken['read']:9.1f} {taken['read'] / taken['loads']:11.2f} |{ratio}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    chosen = options(__doc__, arguments)
    print(f"{'':28} | build us |  read us /json.loads | theirs")
    for name in CALLS:
        print(line(name, chosen.rounds, chosen.seconds))


if __name__ == "__main__":
    main()
