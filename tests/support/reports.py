"""Reports that are run by hand, against generated campaigns: their rows, and the calls that they took."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from restli_core import Calls, Sent
from restli_core.calls import Call
from restli_core.errors import RestliError
from restli_core.flows import Flow, Item, Progress, Together
from restli_core.linkedin.analytics import Row
from restli_core.messages import HttpResponse
from restli_transports.testing import Handlers
from restli_transports.testing.analytics import AdAnalytics

CALLS = Calls(version_string="202609")

# Forty-five metrics, of all kinds: counts, amounts, averages, and what is seldom there.
_TEXT = (
    "impressions clicks costInUsd costInLocalCurrency likes comments shares follows opens sends reactions "
    "totalEngagements otherEngagements landingPageClicks companyPageClicks actionClicks adUnitClicks textUrlClicks "
    "headlineClicks headlineImpressions cardClicks cardImpressions oneClickLeads oneClickLeadFormOpens qualifiedLeads "
    "validWorkEmailLeads talentLeads jobApplications jobApplyClicks registrations subscriptionClicks downloadClicks "
    "documentCompletions fullScreenPlays videoStarts videoViews videoCompletions videoFirstQuartileCompletions "
    "videoMidpointCompletions videoThirdQuartileCompletions viralImpressions viralClicks averageDwellTime "
    "externalWebsiteConversions conversionValueInLocalCurrency"
)
METRICS = _TEXT.split()


class Ran(NamedTuple):
    """What a report gave.

    Attributes:
        rows: its rows.
        calls: the calls that were sent, one by one or together.
        together: how many calls each step had.
        progress: what was said of it.
        returned: what it returned: the number of its rows.
    """

    rows: list[Row]
    calls: list[Call[Any]]
    together: list[int]
    progress: list[Progress]
    returned: int | None


def answering(analytics: AdAnalytics) -> Callable[[Call[Any]], HttpResponse]:
    """Return what answers calls as a server with generated campaigns does, without a wire."""
    handlers = Handlers()
    analytics.add_to(handlers)
    return lambda call: handlers.answer(call.request, base_path="/rest")


def run(flow: Flow[int], answer: Callable[[Call[Any]], HttpResponse]) -> Ran:
    """Run a report to its end.

    Args:
        flow: the report.
        answer: answers a call.
    """
    ran = Ran([], [], [], [], None)

    def sent(call: Call[Any]) -> Sent[Any]:
        ran.calls.append(call)
        try:
            return Sent(call, call.parse(answer(call)), None)
        except RestliError as error:
            return Sent(call, None, error)

    result: Any = None
    try:
        while True:
            step = flow.send(result)
            result = None
            match step:
                case Item():
                    ran.rows.append(step.value)
                case Progress():
                    ran.progress.append(step)
                case Together():
                    ran.together.append(len(step.calls))
                    result = tuple(map(sent, step.calls))
                case Call():
                    ran.together.append(1)
                    one = sent(step)
                    if one.error is not None:
                        flow.throw(one.error)
                    result = one.answer
                case _:
                    raise AssertionError(f"a report has no such step: {step!r}")
    except StopIteration as end:
        return ran._replace(returned=end.value)


def differences(rows: Iterable[Row], truth: dict[tuple[Any, ...], dict[str, Any]]) -> list[str]:
    """Return how rows differ from the truth: rows that are missing, wrong, too many, or out of order."""
    found: list[str] = []
    left = dict(truth)
    before: tuple[Any, ...] | None = None
    for row in rows:
        key = (row.start, *row.pivots)
        expected = left.pop(key, None)
        if expected is None:
            found.append(f"{key} is too many")
        elif any((row[name] or 0) != value for name, value in expected.items()):
            found.append(f"{key} is wrong")
        if before is not None and before >= key:
            found.append(f"{key} comes after {before}")
        before = key
    return found + [f"{key} is missing" for key in left]


def forced(rows: int, metrics: Sequence[str], max_rows: int = 15_000) -> int:
    """Return how many calls the limits force: for so many rows, and for so many metrics."""
    return max(math.ceil(rows / max_rows), 1) * math.ceil(len(metrics) / 18)


YEAR = (date(2025, 1, 1), date(2025, 12, 31))
