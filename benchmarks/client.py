"""Count what one call through a client costs, over a transport that answers at once.

    python -m benchmarks.client                            CPU time; machine instructions, where valgrind is installed;
                                                           calls of functions of ours, generators' resumptions included
    python -m benchmarks.client --run get --times 200      makes so many calls and prints nothing

What `json.loads` of the answer costs is taken off. All but the times does not depend on how busy the machine is.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import process_time
from types import FrameType
from typing import Any, Final

import restli_core
import restli_transports
from benchmarks import instructions, timing
from restli_core import HttpRequest, HttpResponse
from restli_transports import RestliClient, Timeout

_OURS: Final = (*restli_core.__path__, *restli_transports.__path__)

# name -> the method, its arguments, the answer
CALLS: Final[Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]]] = {
    "get": ("get", {"resource_path": "/adAccounts/{id}", "path_keys": {"id": 123}}, {"id": 123}),
    "get of 2 KB": ("get", {"resource_path": "/me"}, {f"field{n}": {"urn": f"urn:li:share:{n}"} for n in range(60)}),
    "batch_get": (
        "batch_get",
        {"resource_path": "/adAccounts", "ids": [1, 2]},
        {"results": {"1": {"id": 1}, "2": {"id": 2}}, "statuses": {}, "errors": {}},
    ),
    "create": ("create", {"resource_path": "/adAccounts", "entity": {"name": "Summer sale"}}, {}),
}


class AtOnce:
    """A transport that answers every request alike, at once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._answer = HttpResponse(200, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def send(self, request: HttpRequest, *, timeout: Timeout) -> HttpResponse:
        """Return the answer."""
        return self._answer


def call_of(name: str) -> Callable[[], Any]:
    """Return what makes, sends and parses a call, by a client with a token."""
    method, arguments, document = CALLS[name]
    client = RestliClient(AtOnce(document), access_token="token", version_string="202609")
    return partial(getattr(client, method), **arguments)


def operations() -> dict[str, Callable[[], object]]:
    """Return what is counted in instructions, by name."""
    found: dict[str, Callable[[], object]] = {}
    for name, (_, _, document) in CALLS.items():
        found |= {name: call_of(name), f"{name}, loads": partial(json.loads, json.dumps(document).encode())}
    return found


def count(function: Callable[[], Any]) -> Counter[str]:
    """Return how often each function of ours is called, or resumed, by its module and name."""
    counted: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_OURS):
            counted[f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}"] += 1

    function()  # what is done but once, such as compiling a regular expression, does not count
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return counted


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, or make calls."""
    parser = timing.parser(__doc__)
    parser.add_argument("--functions", action="store_true", help="which functions these are")
    parser.add_argument("--run", choices=CALLS, help="make this call, and print nothing")
    parser.add_argument("--times", type=int, default=200, help="so many times")
    chosen = parser.parse_args(arguments)
    if chosen.run:
        call = call_of(chosen.run)
        for _ in range(chosen.times):
            call()
        return
    taken = timing.medians(operations(), chosen.rounds, chosen.seconds, process_time)
    print(f"{'':12} microseconds of CPU time of a call, without json.loads of its answer")
    for name in CALLS:
        print(f"{name:12} {taken[name] - taken[f'{name}, loads']:7.1f}")
    if instructions.is_there():
        of_calls = instructions.counts("benchmarks.client")
        print(f"{'':12} thousands of instructions of a call, without json.loads of its answer")
        for name in CALLS:
            print(f"{name:12} {(of_calls[name] - of_calls[f'{name}, loads']) / 1000:7.1f}")
    print(f"{'':12} calls of our own functions")
    for name in CALLS:
        counted = count(call_of(name))
        print(f"{name:12} {counted.total():5}")
        for function, times in counted.most_common() if chosen.functions else ():
            print(f"{times:18}  {function}")


if __name__ == "__main__":
    main()
