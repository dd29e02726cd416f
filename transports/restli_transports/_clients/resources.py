"""Resource clients: what they do with several calls, beside the fourteen methods: flows.

Each method makes internal steps, which are the same for both kinds of client, and something that has them performed.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from restli_core.bound_calls import Calls
from restli_core.flows.drivers import run, run_async
from restli_core.frames import concealing
from restli_transports._clients.base import AsyncBaseClient, BlockingClient
from restli_transports._clients.iterating import AsyncItems, Items
from restli_transports._clients.steps import perform, perform_async

if TYPE_CHECKING:
    from restli_core.flows import steps as flows

__all__ = ["AsyncResources", "BlockingResources"]

T = TypeVar("T")


class BlockingResources(BlockingClient[Calls]):
    """A resource client that blocks."""

    @concealing
    def run(self, flow: Generator[flows.Step, Any, T]) -> T:
        """Run a flow, and return what it returns.

        Args:
            flow: a generator of steps (`restli_core.flows`), not yet started.

        Raises:
            InvalidCallError: it is not such a flow, yields what is not a step, or gives items.
            Exception: what the flow raises: also what a call of it failed with, where the flow does not catch it.
        """
        return run(self._flow_way(flow, gives_items=False), partial(perform, self._transport, self._shared.clock))

    @concealing
    def iterate(self, flow: Generator[flows.Step, Any, Any]) -> Items[Any]:
        """Run a flow that gives items, and return an iterator of them.

        The flow runs on while the next item is asked for, and not in between. The arguments and errors are those of
        `run`; what the flow raises, the iterator raises.
        """
        return Items(self._flow_way(flow, gives_items=True), partial(perform, self._transport, self._shared.clock))


class AsyncResources(AsyncBaseClient[Calls]):
    """A resource client that is awaited."""

    @concealing
    async def run(self, flow: Generator[flows.Step, Any, T]) -> T:
        """Run a flow, and return what it returns.

        The arguments and errors are those of the client that blocks.
        """
        way = self._flow_way(flow, gives_items=False)
        return await run_async(way, partial(perform_async, self._transport, self._shared.clock))

    @concealing
    def iterate(self, flow: Generator[flows.Step, Any, Any]) -> AsyncItems[Any]:
        """Run a flow that gives items, and return an asynchronous iterator of them: ``async for item in ...``.

        The arguments and errors are those of the client that blocks.
        """
        way = self._flow_way(flow, gives_items=True)
        return AsyncItems(way, partial(perform_async, self._transport, self._shared.clock))
