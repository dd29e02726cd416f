"""Report many campaigns over a year, complete to the row: ``python -m tests.deep.analytics --seed N --size N``.

The size is the number of campaigns. Each report has 45 metrics and 365 days, from a server that cuts its answers at
15,000 rows and says nothing; over the embedded server, and for some densities of rows and ways to ask in memory. The
calls are compared to those that the limits force: one for each 18 metrics and each 15,000 rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import Any

from restli_core.calls import Call
from restli_core.linkedin.analytics import report
from restli_core.messages import HttpRequest, HttpResponse
from restli_transports import Timeout
from restli_transports.testing import AdAnalytics, RestliServer
from restli_transports.urllib3 import Urllib3Transport
from tests.deep.arguments import parse
from tests.support.reports import CALLS, METRICS, YEAR, answering, differences, forced, run

MOST = 1.3  # times the calls that the limits force


@contextmanager
def over_sockets(analytics: AdAnalytics) -> Generator[Callable[[Call[Any]], HttpResponse]]:
    """Yield what answers calls by the embedded server."""
    with RestliServer(base_path="/rest") as server, closing(Urllib3Transport()) as transport:
        analytics.add_to(server)

        def send(call: Call[Any]) -> HttpResponse:
            request = call.request
            url = request.url.replace("https://api.linkedin.com/rest", server.base_url)
            there = HttpRequest(request.method, url, request.headers, request.body)
            return transport.send(there, timeout=Timeout())

        yield send


def check(name: str, analytics: AdAnalytics, answer: Callable[[Call[Any]], HttpResponse], **facets: Any) -> bool:
    """Return whether a report is complete, and takes few calls; print both."""
    began = time.process_time()
    asked: dict[str, Any] = {"pivots": ["CAMPAIGN"], "fields": METRICS, "days": YEAR}
    ran = run(report(CALLS, **asked, **facets), answer)
    took = time.process_time() - began
    truth = analytics.truth(**asked, **facets)
    found = differences(ran.rows, truth)
    needed = forced(len(truth), METRICS)
    ratio = len(ran.calls) / needed
    print(f"{name}: {len(ran.rows):,} rows of {len(truth):,}, {len(found)} differences;", end=" ")
    print(f"{len(ran.calls)} calls, {needed} are forced: {ratio:.2f}; {took:.0f} s")
    for difference in found[:10]:
        print(f"    {difference}")
    return not found and ratio <= MOST


def main(arguments: list[str] | None = None) -> int:
    """Report in several ways, and return 1 where one is not complete or takes too many calls."""
    seed, size = parse(__doc__, arguments, size=400)
    held = []
    analytics = AdAnalytics(seed=seed, campaigns=size, activity=1)
    with over_sockets(analytics) as answer:
        held.append(check("over sockets", analytics, answer, campaigns=analytics.campaigns))
    for activity in (0.9, 0.5):
        analytics = AdAnalytics(seed=seed, campaigns=size, activity=activity)
        name = f"active on {activity:.0%} of the days"
        held.append(check(name, analytics, answering(analytics), campaigns=analytics.campaigns))
    analytics = AdAnalytics(seed=seed, campaigns=size)
    held.append(check("by account", analytics, answering(analytics), accounts=analytics.accounts))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
