"""A kit that checks a codec of yours, in Python or behind a Python function, against Rest.li's grammar.

    from restli_transports.testing.codec_check import check_codec

    def test_my_encoder():
        assert not check_codec(encode=my_encode, decode=my_decode)

`laws` says what is checked and `trial` how; `watch` and `scout` end a function that hangs; `report` is what comes out.
"""

from __future__ import annotations

import inspect
import logging
import math
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from restli_core.base_errors import InvalidCallError

try:
    import_module("hypothesis")
except ImportError as _error:
    raise ImportError('checking a codec needs hypothesis: pip install "restli-core[testing]"') from _error

from restli_transports.testing.codec_check.findings import Finding, LawResult, Report
from restli_transports.testing.codec_check.trial import Trials

__all__ = ["Finding", "LawResult", "Report", "check_codec"]

MAX_LIMIT: Final = 3600  # seconds

# pytest shows what a test logged beside its failure, and so the whole report; without a handler nobody else does.
_LOG: Final = logging.getLogger(__name__)
_LOG.addHandler(logging.NullHandler())


def check_codec(  # noqa: PLR0917 - as many as a codec has functions
    encode: Callable[[Any], str] | None = None,
    decode: Callable[[str], Any] | None = None,
    reduced_encode: Callable[[Any], str] | None = None,
    reduced_decode: Callable[[str], Any] | None = None,
    param_encode: Callable[[dict[str, Any]], str] | None = None,
    param_decode: Callable[[str], dict[str, Any]] | None = None,
    build_query: Callable[[dict[str, Any]], str] | None = None,
    build_url: Callable[[str, dict[str, Any], dict[str, Any]], str] | None = None,
    *,
    limit: float = 2.0,
    examples: int = 100,
    seed: int = 0,
) -> Report:
    """Check functions of a codec by the laws of Rest.li's grammar, and by what LinkedIn's own implementation does.

    Each law is tried on drawn values, or on all vectors that fit, and the report has the smallest input that breaks it.
    Two runs with one seed try the same inputs. What is broken is also logged as a warning, as one record, so that a
    test that fails shows the report.

    On Linux each input is tried in a copy of the process first, so that a call which nothing else can end
    is ended with the copy. Warnings are ignored meanwhile; what a function prints is printed.

    Args:
        encode: value -> its text for a URL. The values are text, lists and dicts, and in the vectors numbers and bytes.
        decode: text -> value, all text, lists and dicts; raises an error of any type for text that has no meaning.
        reduced_encode: value -> its text for headers and bodies.
        reduced_decode: the inverse.
        param_encode: a dict of parameters -> the query, without its question mark.
        param_decode: the inverse.
        build_query: the same as `param_encode`, for a client that has only this.
        build_url: (path with placeholders such as ``/r/{id}``, dict of keys, dict of parameters) -> the URL.
        limit: how long one call may take, in seconds. One that takes longer is ended, and is a finding.
        examples: on how many drawn values each law is tried.
        seed: another number draws other values.

    Returns:
        The report; it is false when all laws hold. A call that cannot be ended ends the run: the laws after
        that for which it was made were tried on 0 inputs.

    Raises:
        InvalidCallError: no function was given, or what is none; `limit` or `examples` is not a positive number.
    """
    arguments = (encode, decode, reduced_encode, reduced_decode, param_encode, param_decode, build_query, build_url)
    names = list(inspect.signature(check_codec).parameters)
    given = {name: function for name, function in zip(names, arguments, strict=False) if function is not None}
    _refuse_mistakes(given, limit, examples, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning is no fault, even where warnings are errors
        report = Report(tuple(Trials(given, limit, examples, seed).results()))
    if report:
        _LOG.warning("%s", report)
    return report


def _refuse_mistakes(functions: Mapping[str, Any], limit: Any, examples: Any, seed: Any) -> None:
    if not functions:
        raise InvalidCallError("encode", "give at least one function to check, such as encode=my_encode")
    for name, function in functions.items():
        if not callable(function):
            raise InvalidCallError(name, f"give the function itself, and not {type(function).__name__}")
        if inspect.iscoroutinefunction(function):
            cure = f"lambda *args: asyncio.run({getattr(function, '__name__', name)}(*args))"
            raise InvalidCallError(name, f"is a coroutine function; give one that returns its result: {cure}")
    if not _is_number(limit, (int, float)) or not (0 < limit <= MAX_LIMIT and math.isfinite(limit)):
        raise InvalidCallError("limit", f"give the seconds that one call may take, from above 0 to {MAX_LIMIT}")
    if not _is_number(examples, (int,)) or examples < 1:
        raise InvalidCallError("examples", "give the number of values to draw, 1 at least")
    if not _is_number(seed, (int,)):
        raise InvalidCallError("seed", "give a whole number")


def _is_number(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
