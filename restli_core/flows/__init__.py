"""Flows: what takes several steps, such as a call whose token may have to be replaced, written once for all clients.

A flow is a generator. It yields steps, receives the result of each, and returns what it is for:

    def flow() -> Generator[Step, Any, Answer]:
        token = yield TokenRequest(...)
        response = yield request
        return call.parse(response)

A step is a value that says what to do; it does nothing by itself. A driver runs the flow and has each step performed by
a function of its caller's, which may block or be awaited: `run` and `run_async`. So a flow does no I/O, sleeps nowhere
and reads no clock, and is tested by a function that answers from a table.
"""

from restli_core.flows.drivers import run, run_async

__all__ = ["run", "run_async"]
