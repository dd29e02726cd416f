"""Flows: what takes several steps is a generator that yields them; the drivers run it, blocking or awaited."""

from restli_core.flows.drivers import run, run_async

__all__ = ["run", "run_async"]
