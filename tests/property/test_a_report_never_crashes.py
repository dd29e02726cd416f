"""Whatever a server answers to a report: rows come out, perhaps with a warning, or an error that is documented."""

from __future__ import annotations

import json
import warnings
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from restli_core import Call, HttpResponse, InvalidResponseError, RestliError, SuspiciousValueWarning
from restli_core.linkedin.analytics import TruncatedReportError, report
from tests.support.reports import CALLS, METRICS, run

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["urn:li:sponsoredCampaign:1", "19.91833", "1e400", "-", "urn:li", 2026, 6, 1]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["start", "end", "year", "month", "day", "value"]), inner, max_size=3),
    ),
    max_leaves=6,
)
JUNE = {"start": {"year": 2026, "month": 6, "day": 1}, "end": {"year": 2026, "month": 6, "day": 1}}
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "dateRange": st.one_of(st.just(JUNE), VALUES),
        "pivotValues": st.one_of(st.lists(SCALARS, max_size=2), VALUES),
        **dict.fromkeys(METRICS[:4], VALUES),
        "elsewhere": VALUES,
    },
)
ANSWERS = st.one_of(
    st.fixed_dictionaries({"elements": st.lists(st.one_of(ROWS, ROWS, ROWS, VALUES), max_size=6)}), VALUES
)


@given(st.lists(ANSWERS, min_size=1, max_size=4), st.sampled_from([1, 20]), st.sampled_from(["ALL", "DAILY"]))
def test_it_gives_rows_or_a_documented_error(answers: list[Any], metrics: int, granularity: str) -> None:
    bodies = [json.dumps(answer).encode() for answer in answers]
    sent = 0

    def answer(_call: Call[Any]) -> HttpResponse:
        nonlocal sent
        sent += 1
        return HttpResponse(200, {}, bodies[sent % len(bodies)])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SuspiciousValueWarning)
        flow = report(
            CALLS,
            pivots="CAMPAIGN",
            fields=METRICS[:metrics],
            days=("2026-06-01", "2026-06-04"),
            granularity=granularity,
            campaigns=[1, 2, 3],
            max_rows=4,
        )
        try:
            ran = run(flow, answer)
        except RestliError as error:
            assert isinstance(error, InvalidResponseError | TruncatedReportError)
            return
    assert ran.returned == len(ran.rows)
    for row in ran.rows:
        assert len(row.flat(decimals=float)) == 4 + metrics
