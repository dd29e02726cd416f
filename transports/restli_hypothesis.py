"""What Hypothesis loads when it is imported (its entry point): strategies for our types, known to `from_type`.

A module of its own, beside the packages, since every program that imports Hypothesis loads it, if restli-core is
installed. It imports the core alone, which is quick; the strategies are imported when one is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["register_types"]


def register_types() -> None:
    """Register what `from_type` gives for `Urn`, `HttpRequest` and `Call`."""
    from hypothesis.strategies import register_type_strategy

    from restli_core import Call, HttpRequest, Urn

    register_type_strategy(Urn, _urns)
    register_type_strategy(HttpRequest, _http_requests)
    register_type_strategy(Call, _calls)


def _urns(_type: type[Any]) -> SearchStrategy[Any]:
    from restli_transports.testing.strategies import urns

    return urns()


def _http_requests(_type: type[Any]) -> SearchStrategy[Any]:
    from restli_transports.testing.strategies import http_requests

    return http_requests()


def _calls(_type: type[Any]) -> SearchStrategy[Any]:
    from restli_transports.testing.strategies import calls

    return calls()
