"""adAnalytics: reports that are complete to the row, whatever their length, and LinkedIn's limit on their size.

    from restli_core.linkedin import analytics

    rows = client.iterate(
        analytics.report(
            client.calls,
            pivots=["CAMPAIGN"],
            fields=["impressions", "clicks", "costInUsd"],
            days=("2026-01-01", "2026-06-30"),
            granularity="DAILY",
            accounts=[5001],
        )
    )
    for row in rows:
        row.day, row.pivots, row["costInUsd"]

schema      pivots, metrics and facets, and what is known of each
periods     days, months, years
pacing      how much to ask for at once
joining     rows of several answers
reporting   the flow
budget      45 million metric values in five minutes
"""

from restli_core.linkedin.analytics.budget import BUDGET
from restli_core.linkedin.analytics.joining import Row
from restli_core.linkedin.analytics.reporting import TruncatedReportError, report

__all__ = ["BUDGET", "Row", "TruncatedReportError", "report"]
