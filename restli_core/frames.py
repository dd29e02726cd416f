"""Frames: what a traceback shows of the functions that an error has passed through, less the secrets in them.

Debuggers, error reporters and pytest show the local variables of each function on the way from where an error was
raised to where it was caught. A token, a form with a secret or a head with an Authorization is a local variable
somewhere on that way. So an error that leaves one of the two packages takes along the lines, but no values:

    clear_frames(error)     forgets the local variables of all functions of the packages that it has left
    @concealing             does so at a function that users call, and forgets the function's arguments
    drop_tracebacks(error)  forgets the functions themselves, the libraries' as well: of an error that nobody will see

Functions of the user's own, and of libraries, keep theirs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, cast

from restli_core.signatures import is_coroutine_function

__all__ = ["PACKAGES", "clear_frames", "concealing", "drop_tracebacks"]

P = ParamSpec("P")
T = TypeVar("T")

PACKAGES: Final = frozenset({"restli_core", "restli_transports"})
"""Those of this project: what is not in one of them is the user's own, or a library's."""

_SUSPENDING: Final = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR of `inspect`


def clear_frames(error: BaseException) -> None:
    """Forget the local variables of all functions of the two packages that an error has left, and of its causes.

    Generators and coroutines of causes are left alone: they may be another task's, and go on.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += (one.__cause__, one.__context__)
        trace = one.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            is_ours = frame.f_globals.get("__name__", "").partition(".")[0] in PACKAGES
            # Before Python 3.13, to clear the frame of a generator that waits would be to close it.
            if is_ours and (one is error or not frame.f_code.co_flags & _SUSPENDING):
                with suppress(RuntimeError):  # it is still running: the error has not left it
                    frame.clear()
            trace = trace.tb_next


def drop_tracebacks(error: BaseException) -> None:
    """Forget where an error, and those that it was made of, were raised: for one that nobody is going to see.

    A library's function may have its own error as a local variable. Such an error keeps itself alive through its
    traceback, and so the bytes that were to be sent, until the garbage collector comes.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = None
        # Not the context, which may be an error of somebody else's. Libraries keep a cause in the arguments, too.
        waiting += (one.__cause__, *one.args)


def concealing(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that does the same; what it raises shows neither its arguments nor its local variables.

    Args:
        function: a function or a coroutine function, which stays one.
    """
    if is_coroutine_function(function):

        @wraps(function)
        async def awaited(*args: Any, **keywords: Any) -> Any:
            try:
                return await cast("Awaitable[Any]", function(*args, **keywords))
            except BaseException as error:
                clear_frames(error)
                del args, keywords
                raise

        return cast("Callable[P, T]", awaited)

    @wraps(function)
    def blocking(*args: P.args, **keywords: P.kwargs) -> T:
        try:
            return function(*args, **keywords)
        except BaseException as error:
            clear_frames(error)
            del args, keywords
            raise

    return blocking
