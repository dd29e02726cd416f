"""A kit that checks a codec of yours, in Python or behind a Python function, against Rest.li's grammar.

    from restli_transports.testing.codec_check import check_codec

    def test_my_encoder():
        report = check_codec(encode=my_encode, decode=my_decode)
        assert not report, report

`laws` says what is checked, `watch` how a function that hangs is ended, `report` what comes out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from restli_core.base_errors import InvalidCallError
from restli_transports.testing.codec_check.laws import LAWS, Law, show
from restli_transports.testing.codec_check.report import Finding, LawResult, Report
from restli_transports.testing.codec_check.watch import Guard, OverLimit, Stuck, run_watched

__all__ = ["Finding", "LawResult", "Report", "check_codec"]

MAX_SHRINKS: Final = 300  # inputs that are tried after the first that breaks a law, to find a smaller one
MAX_HANGS: Final = 8  # each costs a whole limit; a law that was broken that often is known well enough


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
    examples: int = 200,
    seed: int = 0,
) -> Report:
    """Check functions of a codec by the laws of Rest.li's grammar, and by what LinkedIn's own implementation does.

    Each law is tried on drawn values, or on all vectors that fit, and the report has the smallest input that breaks it.
    Two runs with one seed try the same inputs.

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
        The report; it is false when all laws hold.

    Raises:
        InvalidCallError: no function was given, or a number is not positive.
    """
    arguments = (encode, decode, reduced_encode, reduced_decode, param_encode, param_decode, build_query, build_url)
    names = list(inspect.signature(check_codec).parameters)
    functions: dict[str, Callable[..., Any]] = {
        name: function for name, function in zip(names, arguments, strict=False) if function is not None
    }
    if not functions:
        raise InvalidCallError("encode", "give at least one function to check")
    for name, number in (("limit", limit), ("examples", examples)):
        if not number > 0:
            raise InvalidCallError(name, "must be more than 0")
    if "build_url" in functions:
        functions["build_url"] = _spread(functions["build_url"])
    results: list[LawResult] = []
    for law in LAWS:
        if law.function in functions and (law.partner is None or law.partner in functions):
            trial = _Trial(law, functions)
            trial.run(limit, examples, seed)
            results.append(trial.result())
            if trial.is_stuck:
                break  # a thread that cannot be ended goes on: what it holds, and how long others take, is unknown
    return Report(tuple(results))


def _spread(build_url: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return the function as the law calls it: with one argument, what was drawn."""

    def build(asked: Any) -> Any:
        (resource_path, path_keys), params = asked
        return build_url(resource_path, path_keys, params)

    return build


class _Enough(BaseException):
    """Ends a law that is known well enough; a BaseException, which Hypothesis lets through."""


class _Broken(Exception):
    """Makes Hypothesis look for a smaller input."""


class _Trial:
    """A law on its trial: its inputs, tried one by one, and what came of them."""

    def __init__(self, law: Law, functions: dict[str, Callable[..., Any]]) -> None:
        self.law = law
        self.functions = [functions[name] for name in (law.function, law.partner) if name is not None]
        self.is_stuck = False
        self._tried = 0
        self._broken = 0
        self._hangs = 0
        self._tried_since = 0  # since the law was broken first
        self._finding: Finding | None = None
        self._present: tuple[Any, str, str] | None = None  # the input on trial, for when its call cannot be ended

    def run(self, limit: float, examples: int, seed_number: int) -> None:
        """Try the law on its inputs."""
        try:
            run_watched(lambda guard: self._try_all(guard, examples, seed_number), limit)
        except Stuck as stuck:
            self.is_stuck = True
            if self._present is not None:
                self._note(*self._present, str(stuck))

    def result(self) -> LawResult:
        """Return what came of it."""
        return LawResult(self.law.function, self.law.sentence, self._tried, self._broken, self._finding)

    def _try_all(self, guard: Guard, examples: int, seed_number: int) -> None:
        inputs = self.law.inputs
        try:
            if isinstance(inputs, SearchStrategy):
                self._draw(guard, inputs, examples, seed_number)
            else:
                for one in inputs():
                    self._holds(guard, one.value, one.shown, one.source, is_drawn=False)
        except _Enough:
            pass

    def _draw(self, guard: Guard, strategy: SearchStrategy[Any], examples: int, seed_number: int) -> None:
        @seed(seed_number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=[*HealthCheck],
            verbosity=Verbosity.quiet,
        )
        @given(strategy)
        def try_one(value: Any) -> None:
            if not self._holds(guard, value, show(value), self.law.source, is_drawn=True):
                raise _Broken

        # What is broken is noted. A function that gives now this and now that is "flaky" to Hypothesis.
        with suppress(_Broken, HypothesisException):
            try_one()

    def _holds(self, guard: Guard, value: Any, shown: str, source: str, *, is_drawn: bool) -> bool:
        self._tried += 1
        self._present = (value, shown, source)
        called = [_Guarded(guard, function) for function in self.functions]
        try:
            wrong = self.law.check(called[0], value, *called[1:])
        except OverLimit as error:
            wrong = str(error)
            self._hangs += 1
        except Exception as error:  # noqa: BLE001 - whatever a function of others raises, it is what is wrong
            wrong = f"{type(error).__name__}: {error}"[:500]
        if wrong is not None:
            self._note(value, shown, source, wrong)
        if self._broken:
            self._tried_since += 1
            if self._hangs == MAX_HANGS or (self._tried_since == MAX_SHRINKS and is_drawn):
                raise _Enough
        return wrong is None

    def _note(self, value: Any, shown: str, source: str, wrong: str) -> None:
        self._broken += 1
        if self._finding is None or (len(shown), shown) < (len(self._finding.input), self._finding.input):
            self._finding = Finding(shown, self.law.expect(value), wrong, source)


class _Guarded:
    """A function, called by the guard."""

    def __init__(self, guard: Guard, function: Callable[..., Any]) -> None:
        self._guard = guard
        self._function = function

    def __call__(self, *args: Any) -> Any:
        return self._guard(self._function, *args)
