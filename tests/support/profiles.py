"""How many examples a law is tried on, where that is another number than the profile's."""

from __future__ import annotations

from hypothesis import settings

_FULL = 100  # the examples of the profile ci


def examples(full: int = _FULL, *, quick: int) -> settings:
    """Return settings for a test that is tried on `full` examples in the profile ``ci``, and on `quick` in ``dev``.

    It is meant for a law that holds for each of many methods: those together make the profile's number and more. A
    profile with more examples than ``ci`` keeps its number.
    """
    profiles = settings().max_examples
    if profiles < _FULL:
        return settings(max_examples=quick)
    return settings(max_examples=max(full, profiles) if profiles > _FULL else full)
