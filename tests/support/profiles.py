"""How many examples a law is tried on, where that is another number than the profile's."""

from __future__ import annotations

from hypothesis import settings

_FULL = 100  # the examples of the profile ci


def examples(count: int) -> settings:
    """Return settings for a test that is tried on `count` examples in full, and otherwise on those of the profile.

    A plain ``max_examples`` would hold in the quick profile, too.
    """
    of_profile = settings().max_examples
    return settings(max_examples=count if of_profile >= _FULL else min(count, of_profile))
