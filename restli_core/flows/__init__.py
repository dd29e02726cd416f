"""Flows: what takes several steps, written once for all clients.

A flow is a generator. It yields steps, receives the result of each or has its error raised, and returns the result of
the whole:

    def launched(calls: Calls, campaign: dict[str, Any]) -> Flow[str]:
        created = yield from step(calls.create("/adCampaigns", campaign))
        yield Wait(2.0)
        ...
        return created.entity_id

    client.run(launched(client.calls, campaign))        # or await async_client.run(...)

A step is a value that says what to do; it does nothing by itself. A driver, `run` or `run_async`, runs the
flow and has each step performed by a function that its caller gives, which may block or be awaited. So a flow does no
I/O, does not sleep and reads no clock, and is tested by a function that answers from a table.
"""

from restli_core.flows.drivers import run, run_async
from restli_core.flows.paging import PageWalk
from restli_core.flows.polling import poll
from restli_core.flows.sent import Sent
from restli_core.flows.steps import Flow, Item, ItemFlow, Progress, Raw, Read, Size, Source, Step, Together, Wait, step

__all__ = [
    "Flow",
    "Item",
    "ItemFlow",
    "PageWalk",
    "Progress",
    "Raw",
    "Read",
    "Sent",
    "Size",
    "Source",
    "Step",
    "Together",
    "Wait",
    "poll",
    "run",
    "run_async",
    "step",
]
