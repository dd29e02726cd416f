"""Progress: how much of a long work is done, shown as a bar or told to a function.

| `progress=`       |                                                                                                 |
|-------------------|-------------------------------------------------------------------------------------------------|
| None, or False    | nothing                                                                                         |
| True              | a bar of tqdm's on stderr (the extra ``progress``); nothing where that is not a terminal        |
| a function        | it is called with `done`, `total` (None where nobody knows it) and `label`, as the work goes on |

The function is called in the thread or task that iterates or runs. What it raises is not swallowed: it ends the work,
as an error of the loop's own body would, and comes out as itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from restli_core.base_errors import InvalidCallError
from restli_core.signatures import is_coroutine_function

__all__ = ["OnProgress", "Progress", "progress_of"]

OnProgress: TypeAlias = Callable[[int, int | None, str], object]
"""What `progress=` takes: a function of what is done, the total, and a label."""


class Progress(Protocol):
    """What is told how much is done."""

    def update(self, done: int, total: int | None, label: str | None = None) -> None:
        """Take it that so much is done.

        Args:
            done: how much.
            total: how much there is; None where nobody knows.
            label: what it is of, where that is another thing than before.
        """
        ...

    def close(self) -> None:
        """Take it that there will be no more; once, or again."""
        ...


def progress_of(progress: bool | OnProgress | None, label: str) -> Progress | None:
    """Return what shows progress; None where nothing does.

    Args:
        progress: the argument of that name, as above.
        label: what it is of, such as ``"calls"``.

    Raises:
        InvalidCallError: it is none of these.
        ImportError: a bar is wanted, and tqdm is missing; names the extra.
    """
    if progress is None or progress is False:
        return None
    if progress is True:
        return _bar(label)
    if not callable(progress) or is_coroutine_function(progress):
        kind = "a coroutine function" if callable(progress) else type(progress).__name__
        raise InvalidCallError("progress", f"must be True, or a function of done, total and label, not {kind}")
    return _Told(progress, label)


class _Told:
    """A function that is told."""

    def __init__(self, function: OnProgress, label: str) -> None:
        self._function = function
        self._label = label

    def update(self, done: int, total: int | None, label: str | None = None) -> None:
        self._function(done, total, self._label if label is None else label)

    def close(self) -> None:
        pass


class _Bar:
    """A bar of tqdm's, which is there from the first that is done."""

    def __init__(self, tqdm: Any, label: str) -> None:
        self._tqdm = tqdm
        self._label = label
        self._bar: Any = None

    def update(self, done: int, total: int | None, label: str | None = None) -> None:
        bar = self._bar
        if bar is None:
            text = label or self._label
            scale = {"unit": "B", "unit_scale": True} if text == "bytes" else {}
            bar = self._bar = self._tqdm(desc=text, total=total, file=sys.stderr, **scale)
        elif label is not None:
            bar.set_description_str(label, refresh=False)
        if done < bar.n:  # another piece of work
            bar.reset(total)
        bar.total = total
        bar.update(done - bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _bar(label: str) -> _Bar | None:
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError('progress=True needs tqdm: pip install "restli-core[progress]"') from error

    class Bar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # no thread, which would be there for ever

    # None where a program has no console, as on Windows.
    return _Bar(Bar, label) if sys.stderr is not None and sys.stderr.isatty() else None
