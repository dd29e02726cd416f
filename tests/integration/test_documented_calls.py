"""Every request that LinkedIn documents is built by `client.calls`, and means what the documentation prints.

The arguments stand in the data, beside the request; the judge shares no code with ours.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_core.calls import Call
from restli_transports import RestliClient
from restli_transports.testing import FakeTransport
from tests.support import documented, independent_codec
from tests.support.documented import as_protocol_1, as_protocol_2, canonical, documented_meaning, meaning
from tests.support.independent_codec import Refused
from tests.vectors import load, untagged

CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in load("documented_calls")}
OURS = {"accept", "user-agent", "x-restli-method"}
"""Headers that we send also where the documentation has none: two that any client may, and one that cannot harm."""


def made(arguments: Mapping[str, Any]) -> Call[Any]:
    """Return the call of a case, made by a client whose settings are the version and the base URL."""
    given = dict(untagged(arguments))
    function, version, base_url = (given.pop(name, None) for name in ("function", "version_string", "base_url"))
    with RestliClient(FakeTransport(), version_string=version, base_url=base_url) as client:
        call: Call[Any] = getattr(client.calls, function)(**given)
    return call


def meant(call: Call[Any]) -> dict[str, Any]:
    request = call.request
    return meaning(request.method, request.url, request.headers, request.body)


def without_ours(headers: Mapping[str, str], documented_ones: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in documented_ones or name not in OURS}


def compared(call: Call[Any], case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what our call means, without the headers that we add, and what the case means."""
    ours, theirs = meant(call), documented_meaning(case)
    assert ours["headers"]["x-restli-method"] == case["in"]["function"].upper()
    ours["headers"] = without_ours(ours["headers"], theirs["headers"])
    return ours, theirs


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_call_means_what_is_documented(case: dict[str, Any]) -> None:
    ours, theirs = compared(made(case["in"]), case)
    assert ours == theirs
    assert canonical(ours["body"]) == canonical(theirs["body"])  # 1 and true are equal to Python alone


def test_all_are_there() -> None:
    assert len(CASES) == len(load("documented_calls")) == 217
    assert sum(case["api"] != "DataHub" for case in CASES.values()) == 206


def test_all_methods_but_one_are_documented() -> None:
    found = Counter(case["in"]["function"] for case in CASES.values())
    assert len(found) == 13
    assert "batch_finder" not in found


# -- the judge ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [documented, independent_codec], ids=["documented", "independent_codec"])
def test_the_judge_shares_no_code_with_ours(module: Any) -> None:
    nodes = [*ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in imported if name is None or name.startswith(("restli", "tests"))}
    assert ours <= {independent_codec.__name__}


def test_the_judge_tells_all_documented_requests_apart() -> None:
    meanings = Counter(canonical(documented_meaning(case)) for case in CASES.values())
    assert [text for text, times in meanings.items() if times > 1] == []


def untunnelled(request: dict[str, Any]) -> None:
    if request["headers"].pop("X-HTTP-Method-Override", None):
        del request["headers"]["Content-Type"]
        request.update(method="GET", uri=f"{request['uri']}?{request['body']}", body="")


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another verb": lambda request: request.update(method="PATCH"),
    "another host": lambda request: request.update(uri=request["uri"].replace("linkedin", "example")),
    "another base": lambda request: request.update(uri=request["uri"].replace("/rest/", "/v2/")),
    "escaped twice": lambda request: request.update(uri=request["uri"].replace("%3A", "%253A")),
    "another value": lambda request: request.update(uri=request["uri"].replace("5001001", "5001002")),
    "a list less": lambda request: request.update(uri=request["uri"].replace("List(ACTIVE)", "ACTIVE")),
    "another order": lambda request: request.update(uri=request["uri"].replace("(ACTIVE,DRAFT)", "(DRAFT,ACTIVE)")),
    "a parameter less": lambda request: request.update(uri=re.sub("[?&]q=[^&]*&?", "?a=''&", request["uri"])),
    "another version": lambda request: request["headers"].update({"Linkedin-Version": "202608"}),
    "no protocol": lambda request: request["headers"].pop("X-Restli-Protocol-Version"),
    "another method": lambda request: request["headers"].update({"X-RestLi-Method": "BATCH_UPDATE"}),
    "text for a number": lambda request: request.update(
        body=re.sub(r'(?<=\w":)(\d+)(?=[,}])', r'"\1"', request["body"])
    ),
    "1 for true": lambda request: request.update(body=request["body"].replace("true", "1")),
    "no tunnel": untunnelled,
    "another key of a body": lambda request: request.update(body=request["body"].replace("7001001", "7001002")),
}


def read_by_the_judge(request: Mapping[str, Any]) -> str:
    try:
        return canonical(documented_meaning({"ok": request}))
    except (AssertionError, Refused) as refusal:
        return f"refused: {refusal}"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_judge_sees_each_change(change: Callable[[dict[str, Any]], Any]) -> None:
    seen = 0
    for case in CASES.values():
        request = {**case["ok"], "headers": dict(case["ok"]["headers"])}
        before = canonical(request)
        change(request)
        if canonical(request) != before:
            seen += 1
            assert read_by_the_judge(request) != canonical(documented_meaning(case)), case["id"]
    assert seen


def test_the_judge_reads_no_parameter_twice() -> None:
    [url] = [case["ok"]["uri"] for name, case in CASES.items() if name == "me-projection"]
    for twice in (f"{url}&projection=(id)", f"{url}&{url.partition('?')[2]}"):
        with pytest.raises(AssertionError, match="projection comes 2 times"):
            meaning("GET", twice, {}, b"")
    with pytest.raises(AssertionError, match="comes twice"):
        as_protocol_1("https://api.linkedin.com/v2/adAccounts?q=a&q=b")


def test_the_judge_passes_over_what_has_no_meaning() -> None:
    case = CASES["adAccounts-search-type-status-test"]["ok"]
    shuffled = (
        "https://api.linkedin.com/rest/adAccounts?fields=id,name,test,reference"
        "&search=(test:false,status:(values:List(%41CTIVE)),type:(values:List(BUSINESS)))&q=search"
    )
    headers = {name.upper(): value for name, value in reversed(case["headers"].items())}
    assert meaning("GET", shuffled, headers, b"") == documented_meaning({"ok": case})


def leaves(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each plain value in nested lists and dicts."""
    if isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*way, name))
    else:
        yield way


def with_another(value: Any, way: tuple[Any, ...]) -> Any:
    """Return arguments, with another value at the end of a way."""
    if way:
        changed = {way[0]: with_another(value[way[0]], way[1:])}
        if isinstance(value, dict):
            return {**value, **changed}
        return [changed.get(place, item) for place, item in enumerate(value)]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"


@pytest.mark.filterwarnings("ignore::restli_core.RestliWarning")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_argument_counts(case: dict[str, Any]) -> None:
    given = untagged(case["in"])
    for way in leaves({name: value for name, value in given.items() if name not in ("function", "tunnel_above")}):
        try:
            ours, theirs = compared(made(with_another(given, way)), case)
        except (InvalidCallError, Refused):  # it is seen, by us or by the judge
            continue
        assert canonical(ours) != canonical(theirs), way


# -- what is printed wrongly -------------------------------------------------------------------------------------------

MISPRINTED = {name: case for name, case in CASES.items() if "misprints" in case}
PRINTED = {name: case for name, case in MISPRINTED.items() if "printed" in case}
READERS = {"protocol 1.0": as_protocol_1, "not encoded": as_protocol_2}

OTHERWISE: dict[str, set[str]] = {
    "adAccounts-search-next-page": {"path", "q", "search", "pageSize", "pageToken"},  # a template
    "adCampaigns-search-group": {"pageSize"},  # not printed
    "adAnalytics-revenue": {"dateRange", "account"},
}
"""Where what is printed differs by more than its form: in what."""

READ_ALL_THE_SAME = {"advertiserTransparencyData", "networkSizes"}
"""A simple key may stand in a path with colons."""


def differences(one: tuple[Any, dict[str, Any]], other: tuple[Any, dict[str, Any]]) -> set[str]:
    names = {name for name in {**one[1], **other[1]} if one[1].get(name) != other[1].get(name)}
    return names | ({"path"} if one[0] != other[0] else set())


def aims(case: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    found = documented_meaning(case)
    return found["path"], found["query"]


@pytest.mark.parametrize("case", PRINTED.values(), ids=PRINTED)
def test_what_is_printed_in_another_form_means_the_same(case: dict[str, Any]) -> None:
    reader = READERS.get(case["misprints"][0], as_protocol_2)
    assert differences(reader(case["printed"]), aims(case)) == OTHERWISE.get(case["id"], set())


@pytest.mark.parametrize("case", PRINTED.values(), ids=PRINTED)
def test_what_is_marked_is_wrong(case: dict[str, Any]) -> None:
    try:
        printed = documented_meaning(case, url=case["printed"])
    except Refused:
        printed = {}
    assert (printed == documented_meaning(case)) == (case["id"] in READ_ALL_THE_SAME)


def test_what_is_printed_differently_is_marked() -> None:
    unmarked = {name for name, case in CASES.items() if "printed" in case and "misprints" not in case}
    assert unmarked == {"me-projection"}  # decoration, which both spellings write
    assert all("note" in case for case in MISPRINTED.values())


def test_a_misprint_without_its_text_is_in_the_note() -> None:
    assert sorted(MISPRINTED.keys() - PRINTED.keys()) == [
        "adCampaigns-search-test",
        "followerStatistics-daily",
        "messages-batch-update",
        "vanityUrl",
    ]
