"""The budget of adAnalytics: 45 million metric values in any five minutes, for the whole application.

    value = metrics in `fields`, without dateRange and pivotValues, x rows of the answer

Source: https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/ads-reporting.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from restli_core.base_errors import DecodeError
from restli_core.calls import Call  # noqa: TC001 - for typing.get_type_hints
from restli_core.flows.limits import Limit
from restli_core.linkedin.analytics.schema import ADDED
from restli_core.projection import parse_projection
from restli_core.tunnelling import untunnel

__all__ = ["BUDGET", "MAX_ROWS", "metric_values"]

MAX_ROWS: Final = 15_000
"""How many rows an answer of LinkedIn's has at most: it leaves out all others, and does not say so."""

# What an answer has where no fields were asked for: impressions and clicks.
_DEFAULT_METRICS: Final = 2


def metric_values(call: Call[Any], answer: Any) -> float:
    """Return how many metric values a call asks for: the cost by which adAnalytics is limited.

    Args:
        call: the call.
        answer: its answer; None before it is sent, for the most that it can be.
    """
    elements = getattr(answer, "elements", None)
    rows = len(elements) if isinstance(elements, list | tuple) else MAX_ROWS
    return _metrics(call) * rows


def _metrics(call: Call[Any]) -> int:
    """Return how many metrics a call asks for."""
    try:
        query = untunnel(call.request).url.partition("?")[2]
        given = [text for name, _, text in map(_parameter, query.split("&")) if name == "fields"]
        names = parse_projection(unquote(given[0])).keys() if given else ()
    except (DecodeError, ValueError):  # a request that was not made here
        return _DEFAULT_METRICS
    return sum(name not in ADDED for name in names) if given else _DEFAULT_METRICS


def _parameter(text: str) -> tuple[str, str, str]:
    return text.partition("=")


BUDGET: Final = Limit(45_000_000, 300, path="/adAnalytics", cost=metric_values, wait=330)
"""The limit, for the `limits` of a client: ``RestliClient(limits=[analytics.BUDGET], ...)``.

A call waits for room, and counts as full until its answer is there. After a 429 of this limit the calls after it wait
for 330 seconds, as LinkedIn's window asks.
"""
