"""Variables of the environment, as all transports read them: what is set, and a warning for what cannot be read.

A variable stands there for many programs, and few users know all that theirs has. So one that cannot be read is no
reason to fail: it is ignored, and a warning says which one, and why.
"""

from __future__ import annotations

import inspect
import os
import warnings
from typing import Final

from restli_core.base_errors import RestliWarning

__all__ = ["variable", "warn_ignored"]

_OURS: Final = frozenset({"restli_core", "restli_transports"})


def variable(name: str) -> str | None:
    """Return the name of a variable as it is written in the environment, in lower case first; None if it is not set.

    Args:
        name: its name in any case; not only ``http_proxy`` is written in either.
    """
    return next((found for found in (name.lower(), name.upper()) if os.environ.get(found)), None)


def warn_ignored(name: str, reason: str) -> None:
    """Warn that a variable, or a part of it, is ignored; the warning's place is the caller of these packages.

    Args:
        name: the variable's name as it is written.
        reason: why it is ignored, and what to do; without its value where that may be secret.
    """
    level, frame = 1, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _OURS:
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{name} in the environment is ignored: it {reason}", RestliWarning, stacklevel=level)
