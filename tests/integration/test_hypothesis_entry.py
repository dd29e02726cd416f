"""What Hypothesis loads of us when it is imported, and what it knows then. Each test is a program of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

pytestmark = pytest.mark.skipif(
    not [*entry_points(group="hypothesis", name="restli_core")], reason="needs the package to be installed"
)


def printed(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_our_types_are_known_to_a_program_that_imports_the_core_alone() -> None:
    program = """
from dataclasses import dataclass
from hypothesis import Phase, given, settings, strategies as st
from restli_core import BatchGetResponse, Call, HttpRequest, Urn

quick = settings(max_examples=5, database=None, deadline=None, phases=[Phase.generate])

@dataclass
class Campaign:
    account: Urn
    others: tuple[Urn, ...]

kinds = {
    Urn: Urn, HttpRequest: HttpRequest, Call: Call, Call[int]: Call, Call[BatchGetResponse]: Call,
    list[Urn]: list, dict[str, Urn]: dict, Urn | None: (Urn, type(None)), Campaign: Campaign,
}
for kind, made in kinds.items():
    @quick
    @given(st.from_type(kind))
    def check(value):
        assert isinstance(value, made)
    check()

@quick
@given(...)
def by_annotations(urn: Urn, call: Call, request: HttpRequest) -> None:
    assert urn.entity_type and call.method and request.url
by_annotations()

drawn = []
settings(quick, max_examples=100)(given(st.from_type(Call))(lambda call: drawn.append(call.method)))()
print(len({*drawn}) > 7)
"""
    assert printed(program) == "True\n"


def test_importing_hypothesis_loads_the_core_and_no_strategy() -> None:
    # Other packages have such an entry point as well, and theirs load what they need.
    program = """
import sys
import hypothesis
loaded = {name for name in sys.modules if name.startswith("restli")}
print(sorted({name.partition(".")[0] for name in loaded}))
"""
    assert printed(program) == "['restli_core', 'restli_hypothesis']\n"


def test_what_registers_them_imports_the_standard_library_and_the_core_alone() -> None:
    program = """
import sys
import restli_hypothesis
others = {"hypothesis", "pytest", "restli_core", "restli_transports"}
print(sorted({name.partition(".")[0] for name in sys.modules} & others))
"""
    assert printed(program) == "[]\n"
