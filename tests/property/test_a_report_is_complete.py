"""A report has each row of the server's exactly once, however many fit into an answer, and none that is wrong."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from restli_core import Call, read
from restli_core.linkedin.analytics import TruncatedReportError, report
from restli_transports.testing import AdAnalytics
from tests.support.reports import CALLS, METRICS, answering, differences, run

FACETS = {"ACCOUNT": "accounts", "CAMPAIGN_GROUP": "campaign_groups", "CAMPAIGN": "campaigns", "CREATIVE": "creatives"}
PIVOTS = [*FACETS, "IMPRESSION_DEVICE_TYPE"]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    few = st.integers(1, 3)
    return {
        "seed": draw(st.integers(0, 2**32)),
        "accounts": draw(few),
        "groups": draw(few),
        "campaigns": draw(few),
        "creatives": draw(few),
        "activity": draw(st.sampled_from([0.02, 0.3, 0.9, 1])),
        "max_rows": draw(st.integers(2, 30)),
    }


def asked_for(call: Call[Any]) -> tuple[tuple[date, date], dict[str, list[str]]]:
    """Return the days and the facets of a call."""
    params: dict[str, Any] = dict(read(call.request, ["/adAnalytics/{id}"], base_path="/rest").params)
    first, last = [date(**{name: int(part) for name, part in params["dateRange"][end].items()}) for end in _ENDS]
    spelled = {"campaignGroups": "campaign_groups"}
    return (first, last), {
        spelled.get(name, name): [*params[name]] for name in params if spelled.get(name, name) in FACETS.values()
    }


def part_of(asked: dict[str, Any], days: tuple[date, date], entities: dict[str, list[str]]) -> dict[str, Any]:
    return {**asked, "days": days, **entities}


_ENDS = ("start", "end")


@st.composite
def questions(draw: st.DrawFn, server: AdAnalytics) -> dict[str, Any]:
    first = date(2025, 12, 1) + timedelta(days=draw(st.integers(0, 60)))
    asked: dict[str, Any] = {
        "pivots": draw(st.lists(st.sampled_from(PIVOTS), min_size=1, max_size=3, unique=True)),
        "fields": METRICS[: draw(st.sampled_from([1, 3, 19, 40]))],
        "days": (first, first + timedelta(days=draw(st.integers(0, 20)))),
        "granularity": draw(st.sampled_from(["DAILY", "DAILY", "MONTHLY", "YEARLY", "ALL"])),
    }
    for name in draw(st.lists(st.sampled_from([*FACETS.values()]), min_size=1, max_size=2, unique=True)):
        urns: list[str] = [*getattr(server, name)]
        asked[name] = draw(st.lists(st.sampled_from(urns), min_size=1, unique=True))
    return asked


@pytest.mark.filterwarnings("ignore:days. LinkedIn has single days")
@given(worlds(), st.data())
def test_each_row_comes_once(world: dict[str, Any], data: st.DataObject) -> None:
    server = AdAnalytics(**world)
    asked = data.draw(questions(server))
    pivots = asked["pivots"]
    try:
        ran = run(report(CALLS, max_rows=world["max_rows"], **asked), answering(server))
    except TruncatedReportError as error:
        event("cannot be cut")
        # So one period, of one value of each facet that may be cut, has as many rows as an answer, or more.
        days, entities = asked_for(error.call)
        part = part_of(asked, days, entities)
        lowest = max([[*FACETS].index(pivot) for pivot in pivots if pivot in FACETS], default=-1)
        assert error.rows >= world["max_rows"]
        assert all(len(entities[name]) == 1 for name in [*FACETS.values()][: lowest + 1] if name in entities)
        assert len(server.truth(**part)) >= world["max_rows"]
        assert len({start for start, *_ in server.truth(**part)}) == 1
        return
    event("cut" if len(ran.calls) > math.ceil(len(asked["fields"]) / 18) else "one part")
    rows = sorted(ran.rows, key=lambda row: (row.start, *row.pivots))
    assert differences(rows, server.truth(**asked)) == []
    assert [row.start for row in ran.rows] == [row.start for row in rows]
