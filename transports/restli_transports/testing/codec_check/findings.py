"""What a check found: a report of results, law by law, with the smallest input that breaks each."""

from __future__ import annotations

import json
from typing import Any, Final

from restli_core.values import Value

__all__ = ["Finding", "LawResult", "Report"]

MAX_REPR: Final = 240  # characters that pytest shows of a repr


class Finding(Value):
    """The smallest input found that breaks a law.

    Attributes:
        input: the input, as Python writes it; a long one is cut.
        expected: what a server needs it to be.
        got: what the function gave, or the exception that it raised.
        source: where the expectation comes from: a vector's file and row, or the rule.
    """

    input: str
    expected: str
    got: str
    source: str


class LawResult(Value):
    """What became of one law.

    Attributes:
        function: the name of the function that was checked, such as ``"encode"``.
        law: the law, as a sentence.
        tried: on how many inputs it was tried; 0 where a call of a law before it could not be ended.
        broken: on how many of them it was broken.
        finding: the smallest input that breaks it; None where it holds, or was not tried.
    """

    function: str
    law: str
    tried: int
    broken: int
    finding: Finding | None

    def __str__(self) -> str:
        if self.finding is None and not self.tried:
            return f"-       {self.function}: {self.law} (not tried)"
        if self.finding is None:
            return f"ok      {self.function}: {self.law} ({self.tried} inputs)"
        lines = [f"BROKEN  {self.function}: {self.law} ({self.broken} of {self.tried} inputs)"]
        lines += [f"        {name:9} {getattr(self.finding, name)}" for name in ("input", "expected", "got", "source")]
        return "\n".join(lines)


class Report(Value):
    """What `check_codec` found; false when every law holds, so that a test says ``assert not report, report``.

    Attributes:
        results: a result for each law of the functions that were given, in their order.
    """

    results: tuple[LawResult, ...]

    def __bool__(self) -> bool:
        return bool(self.findings)

    @property
    def findings(self) -> tuple[LawResult, ...]:
        """The results of the laws that are broken."""
        return tuple([result for result in self.results if result.finding is not None])

    def __str__(self) -> str:
        broken, laws = len(self.findings), len(self.results)
        untried = sum(not result.tried for result in self.results)
        head = f"{broken} of {laws} laws broken" if broken else f"all {laws} laws hold"
        if untried:
            head += f", {untried} not tried, since a call before them could not be ended"
        return "\n".join([head, *map(str, self.results)])

    def __repr__(self) -> str:
        """Return a text that pytest shows whole, which cuts what is longer: as many findings as there is room for."""
        text = f"<Report: {len(self.findings)} of {len(self.results)} laws broken"
        for number, result in enumerate(self.findings):
            if result.finding is not None:
                more = f"{', ' if number else ': '}{result.function} of {result.finding.input}"
                if len(text) + len(more) > MAX_REPR - len(", ...>"):
                    text += ", ..."
                    break
                text += more
        return f"{text}>"

    def to_json(self) -> str:
        """Return the report as JSON: ``{"broken": number of laws, "results": [...]}``.

        A result is ``{"function", "law", "tried", "broken", "finding"}``.
        A finding is null, or ``{"input", "expected", "got", "source"}``, all texts.
        """
        results = [_fields(result) for result in self.results]
        return json.dumps({"broken": len(self.findings), "results": results}, indent=2)


def _fields(value: Value) -> dict[str, Any]:
    fields = {name: getattr(value, name) for name in type(value).__match_args__}
    return {name: _fields(item) if isinstance(item, Value) else item for name, item in fields.items()}
