"""Variables of the environment, as all transports read them: what is set, and a warning for what cannot be read.

A variable stands there for many programs, and few users know all that theirs has. So one that cannot be read is no
reason to fail: it is ignored, and a warning says which one, and why.
"""

from __future__ import annotations

import os

from restli_core.base_errors import RestliWarning
from restli_core.callers import warn

__all__ = ["variable", "warn_ignored"]


def variable(name: str) -> str | None:
    """Return the name of a variable as it is written in the environment, in lower case first; None if it is not set.

    Args:
        name: its name in any case; not only ``http_proxy`` is written in either.
    """
    return next((found for found in (name.lower(), name.upper()) if os.environ.get(found)), None)


def warn_ignored(name: str, reason: str) -> None:
    """Warn that a variable, or a part of it, is ignored.

    Args:
        name: the variable's name as it is written.
        reason: why it is ignored, and what to do; without its value where that may be secret.
    """
    warn(f"{name} in the environment is ignored: it {reason}", RestliWarning)
