"""What is kept of each target: ``corpus/TARGET.json``, with each input as text whose characters are its octets.

    {"corpus": [input, ...], "found": [{"input": input, "fault": "what was wrong, until it was mended"}, ...]}

The corpus is minimal: of all inputs that were tried, the smallest that take each step from line to line that any takes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from tests.fuzz.target import Target
from tests.support.source_tree import PACKAGES

__all__ = ["CORPUS", "Kept", "kept", "minimised", "write"]

CORPUS = Path(__file__).parent / "corpus"


class Kept(NamedTuple):
    """The inputs that are kept of a target."""

    corpus: list[bytes]
    found: list[tuple[bytes, str]]

    @property
    def inputs(self) -> list[bytes]:
        return [*self.corpus, *(data for data, _ in self.found)]


def kept(name: str) -> Kept:
    """Return what is kept of a target; nothing of a new one."""
    path = CORPUS / f"{name}.json"
    if not path.exists():
        return Kept([], [])
    document = json.loads(path.read_text(encoding="utf-8"))
    return Kept(
        [text.encode("latin-1") for text in document["corpus"]],
        [(case["input"].encode("latin-1"), case["fault"]) for case in document["found"]],
    )


def write(name: str, of_target: Kept) -> None:
    """Keep these."""
    document = {
        "corpus": [data.decode("latin-1") for data in of_target.corpus],
        "found": [{"input": data.decode("latin-1"), "fault": fault} for data, fault in of_target.found],
    }
    (CORPUS / f"{name}.json").write_text(json.dumps(document, indent=0) + "\n", encoding="utf-8")


def minimised(target: Target, inputs: Iterable[bytes]) -> list[bytes]:
    """Return the smallest inputs that take each step that any of these takes, and that as often."""
    seen = set[Any]()
    chosen: list[bytes] = []
    for data in sorted({*inputs}, key=lambda data: (len(data), data)):
        steps = steps_of(target, data)
        if not steps <= seen:
            seen |= steps
            chosen.append(data)
    return chosen


def steps_of(target: Target, data: bytes) -> set[Any]:
    """Return the steps from line to line that our packages take for an input, each with how often: to a power of 2."""
    steps = Counter[Any]()
    ours = tuple(f"{path}/" for path in PACKAGES.values())

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(ours):
            return None
        last = 0

        def trace_line(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal last
            if event == "line":
                steps[code, last, frame.f_lineno] += 1
                last = frame.f_lineno
            return trace_line

        return trace_line

    sys.settrace(trace)
    try:
        target.check(data)
    except Exception as error:  # noqa: BLE001 - a finding that is not mended yet
        steps[type(error)] += 1
    finally:
        sys.settrace(None)
    return {(step, count.bit_length()) for step, count in steps.items()}
