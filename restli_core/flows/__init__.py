"""Flows: what takes several steps, such as a call whose token may have to be replaced, written once for all clients.

A flow is a generator. It yields steps, receives the result of each, and returns the result of the whole:

    def flow() -> Generator[Step, Any, Answer]:
        token = yield TokenRequest(...)
        response = yield request
        return call.parse(response)

A step is a value that says what to do; it does nothing by itself. A driver, `run` or `run_async`, runs the
flow and has each step performed by a function that its caller gives, which may block or be awaited. So a flow does no
I/O, does not sleep and reads no clock, and is tested by a function that answers from a table.
"""

from restli_core.flows.drivers import run, run_async

__all__ = ["run", "run_async"]
