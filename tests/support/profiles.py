"""The profiles of Hypothesis, and how many examples a law is tried on where that is another number than the profile's.

    dev     the default: 20 examples
    ci      100 examples
    deep    as many as the environment says by EXAMPLES, for tests.deep.laws

None has a deadline, nor a health check that depends on the machine's speed or on chance: a law that holds must pass on
a busy machine too.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_MOODY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_FULL = 100
_DEEP = int(os.environ.get("EXAMPLES", "0"))


def register() -> None:
    """Register the profiles, and load the default."""
    settings.register_profile("dev", max_examples=20, deadline=None, suppress_health_check=_MOODY)
    settings.register_profile("ci", max_examples=_FULL, deadline=None, suppress_health_check=_MOODY, print_blob=True)
    if _DEEP:
        settings.register_profile(
            "deep", max_examples=_DEEP, deadline=None, database=None, suppress_health_check=_MOODY
        )
    settings.load_profile("dev")  # the option --hypothesis-profile is read later, and wins


def examples(full: int = _FULL, *, quick: int) -> settings:
    """Return settings for a test that is tried on `full` examples in the profile ``ci``, and on `quick` in ``dev``.

    It is meant for a law that holds for each of many methods: those together make the profile's number and more.
    """
    return settings(max_examples=_DEEP or (full if settings().max_examples >= _FULL else quick))
