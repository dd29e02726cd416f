"""A law on its trial: its inputs, tried one by one, and the smallest of those that break it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from restli_transports.testing.codec_check.findings import Finding, LawResult
from restli_transports.testing.codec_check.law import MAX_TOLD, Input, Law, plain, show
from restli_transports.testing.codec_check.laws import LAWS
from restli_transports.testing.codec_check.scout import Beat, Scout
from restli_transports.testing.codec_check.watch import Ended, Guard, OverLimit, Stuck, run_watched

__all__ = ["Trials"]

MAX_SHRINKS: Final = 300  # inputs that are tried after the first that breaks a law, to find a smaller one
MAX_HANGS: Final = 5  # of one function; each costs a whole limit. After that many, one is enough to know a law broken


class _Enough(BaseException):
    """Ends a law that is known well enough; a BaseException, which Hypothesis lets through."""


class _Broken(Exception):
    """Makes Hypothesis look for a smaller input."""


class Trials:
    """The trials of the laws of some functions.

    Args:
        functions: by their names in `Law.function`.
        limit: how long one call may take, in seconds.
        examples: on how many drawn values each law is tried.
        seed_number: another number draws other values.
    """

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], limit: float, examples: int, seed_number: int
    ) -> None:
        self.laws: list[Law] = [
            law for law in LAWS if law.function in functions and (law.partner is None or law.partner in functions)
        ]
        self.functions = functions
        self.limit = limit
        self.examples = examples
        self.seed_number = seed_number
        self.scout: Scout = Scout(self._scouted, limit)
        self.hangs: dict[str, int] = dict.fromkeys(functions, 0)
        self._drawn: dict[SearchStrategy[Any], list[Any]] = {}

    def results(self) -> Iterator[LawResult]:
        """Try the laws, one after another, until the thread of one has to be given up; those after it are not tried."""
        try:
            for number, law in enumerate(self.laws):
                trial = _Trial(law, number, self)
                try:
                    run_watched(trial.run, self.limit)
                except Stuck as stuck:
                    trial.note_present(str(stuck))
                    yield trial.result()
                    # The thread goes on: what it holds, and how long others take, is unknown.
                    yield from [LawResult(rest.function, rest.sentence, 0, 0, None) for rest in self.laws[number + 1 :]]
                    return
                yield trial.result()
        finally:
            self.scout.close()

    def hangs_mostly(self, law: Law) -> bool:
        """Return whether a law's function has cost so much time that one more hang is enough."""
        return self.hangs[law.function] >= MAX_HANGS

    def drawn(self, strategy: SearchStrategy[Any]) -> list[Any]:
        """Return values of a strategy, the same for all laws: to draw them takes far longer than to try them."""
        if strategy not in self._drawn:
            values: list[Any] = []
            self.run_drawn(strategy, values.append)
            self._drawn[strategy] = values
        return self._drawn[strategy]

    def run_drawn(self, strategy: SearchStrategy[Any], test: Callable[[Any], None]) -> None:
        """Call a function with drawn values, and if it raises `Broken`, with ever smaller ones."""

        @seed(self.seed_number)
        @settings(
            max_examples=self.examples,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=[*cast("Any", HealthCheck)],  # its metaclass, which no checker knows, lists them
            verbosity=Verbosity.quiet,
            backend="hypothesis",
        )
        @given(strategy)
        def run(value: Any) -> None:
            test(value)

        # What is broken is noted. A function that gives now this and now that is "flaky" to Hypothesis.
        with suppress(_Broken, HypothesisException):
            run()

    def _scouted(self, message: tuple[int, list[Any]], beat: Beat) -> None:
        """Try a law on some values in the copy of the process, where nothing is noted."""
        number, values = message
        law = self.laws[number]

        def called(name: str) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                beat(begins=True)
                try:
                    return self.functions[name](*arguments)
                finally:
                    beat()

            return call

        functions = [called(name) for name in law.called]
        for value in values:
            with suppress(BaseException):
                law.check(functions[0], value, *functions[1:])


class _Trial:
    def __init__(self, law: Law, number: int, trials: Trials) -> None:
        self.law = law
        self._number = number
        self._all = trials
        self._is_scouted = False  # the copy has tried all inputs already
        self._tried = 0
        self._broken = 0
        self._finding: Finding | None = None
        self._present: Input | None = None  # the input on trial, for when its call cannot be ended

    def result(self) -> LawResult:
        return LawResult(self.law.function, self.law.sentence, self._tried, self._broken, self._finding)

    def note_present(self, wrong: str) -> None:
        """Note what is wrong with the input that was tried last."""
        if self._present is not None:
            self._note(self._present, wrong)

    def run(self, guard: Guard) -> None:
        """Try the law on its inputs, and, where they were drawn and one breaks it, on smaller ones."""
        given = self.law.inputs
        inputs = [*map(self._input, self._all.drawn(given))] if isinstance(given, SearchStrategy) else [*given()]
        if not self._all.hangs_mostly(self.law):
            self._is_scouted = self._all.scout.survives((self._number, [one.value for one in inputs]))
        with suppress(_Enough):
            for one in inputs:
                if not self._holds(guard, one) and isinstance(given, SearchStrategy):
                    self._is_scouted = False
                    self._all.run_drawn(given, partial(self._search, guard, self._tried + MAX_SHRINKS))
                    break

    def _input(self, value: Any) -> Input:
        return Input(value, show(value), self.law.source)

    def _search(self, guard: Guard, most: int, value: Any) -> None:
        if self._tried >= most:
            raise _Enough
        if not self._holds(guard, self._input(value)):
            raise _Broken

    def _holds(self, guard: Guard, one: Input) -> bool:
        self._tried += 1
        self._present = one
        wrong: str | None
        has_hung = False
        try:
            if not self._is_scouted:
                self._all.scout.go_ahead((self._number, [one.value]))
            functions = [partial(_call, guard, self._all.functions[name]) for name in self.law.called]
            wrong = self.law.check(functions[0], one.value, *functions[1:])
        except OverLimit as error:
            has_hung, wrong = True, str(error)
        except Ended as error:
            wrong = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a function of others raises, it is what is wrong
            wrong = _told(error)
        if wrong is not None:
            self._note(one, wrong)
        if has_hung:
            self._all.hangs[self.law.function] += 1
            if self._all.hangs_mostly(self.law):
                raise _Enough
        return wrong is None

    def _note(self, one: Input, wrong: str) -> None:
        self._broken += 1
        if self._finding is None or (len(one.shown), one.shown) < (len(self._finding.input), self._finding.input):
            self._finding = Finding(one.shown, self.law.expect(one.value), wrong, one.source)


def _call(guard: Guard, function: Callable[..., Any], *arguments: Any) -> Any:
    result = guard(function, *arguments)
    if inspect.iscoroutine(result):
        result.close()  # it is wrong as it is, and needs no warning that nobody awaited it
    return result


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "RecursionError"  # where exactly it came to that is chance
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception of others may not know how to say what it is
        text = "?"
    return plain(f"{type(error).__name__}: {text}")[:MAX_TOLD]
