"""Calls that never return are ended by exceptions from another thread, for which a tracer such as coverage's waits.

So these tests run where none is there: in the fast loop, on each Python.
"""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def _without_a_tracer() -> None:
    if sys.gettrace() is not None:
        pytest.skip("a tracer is there, with which CPython 3.11 may look for ever for an exception from outside")
