"""Try whether the tests notice mistakes: 150 small changes to a module, one at a time, each against its own tests.

python .ci/mutation.py SUBJECT ... [--seed N] [--size N]       such as: encoding tunnelling keys patch projection
python .ci/mutation.py SUBJECT ... --survivors                 those again that no test noticed the last time

The changes are cosmic-ray's: another operator, another number, a condition turned round, a loop that never runs. What
it lacks is done here: mutants are drawn, one from each place before a second from any; those that differ in annotations
alone, which nothing evaluates, are left out; and a mutant takes a fork of a process that has pytest and Hypothesis
loaded, in place of a new interpreter, which takes three times as long. It all happens in a copy of the tree.

It prints the difference of each mutant that survived, keeps them in .mutation/SUBJECT.json, and ends with status 1 if
there are any. A survivor is a test that is missing, or a change that changes nothing.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import gc
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # each takes time to load, and no test here needs another plugin

# All that the tests import and that no mutant is in is loaded before the first fork.
import anyio
import cosmic_ray.plugins
import h11
import hypothesis.internal.conjecture.engine
import hypothesis.strategies
import pytest
import urllib3
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

LOADED = (anyio, h11, hypothesis, urllib3)
ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".mutation"

# subject -> its modules, and the tests that are about them besides those that mirror these, the quickest first
SUBJECTS = {
    "encoding": (
        ["encoding/scalars", "encoding/writing", "encoding/reading", "encoding/queries"],
        [
            "core/encoding/test_encoding.py",
            "property/test_decode_refuses_with_decode_error.py",
            "property/test_decoders_agree.py",
            "property/test_encoders_agree.py",
            "property/test_encode_is_injective.py",
            "property/test_decode_undoes_encode.py",
            "property/test_the_quick_way_is_the_plain_way.py",
        ],
    ),
    "tunnelling": (
        ["tunnelling"],
        ["property/test_untunnel_inverts_tunnel.py", "property/test_untunnel_never_crashes.py"],
    ),
    "keys": (["keys", "spellings"], ["core/responses/test_rows.py", "property/test_rows_keep_their_ids.py"]),
    "patch": (["patch"], ["property/test_patch_apply_diff.py"]),
    "projection": (
        ["projection"],
        [
            "property/test_projection_round_trip.py",
            "property/test_projection_never_crashes.py",
            "property/test_projection_applies_as_its_model.py",
        ],
    ),
}
OPTIONS = [
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "_hypothesis_pytestplugin",
    "-m",
    "not deep",
    "--hypothesis-seed=1",
]
OPTIONS += ["-o", "addopts=--import-mode=importlib", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
MEMORY = 4 * 2**30  # bytes, for a mutant that never stops to collect


class Mutant(NamedTuple):
    """A change: the place in the module, cosmic-ray's operator, and which of those that it can make there."""

    module: str
    line: int
    column: int
    operator: str
    occurrence: int


class Outcome(NamedTuple):
    """What became of a mutant, and the seconds of CPU that it took."""

    survived: bool
    how: str
    seconds: float


def source_of(module: str, root: Path = ROOT) -> Path:
    return root / "restli_core" / f"{module}.py"


@cache
def code_of(module: str) -> str:
    """Return a module as it was at first, whatever becomes of it while the mutants are tried."""
    return source_of(module).read_text(encoding="utf-8")


# -- which mutants -----------------------------------------------------------------------------------------------------


def mutants(module: str) -> Iterator[Mutant]:
    """Yield all mutants of a module."""
    tree = get_ast(code_of(module))
    for name in cosmic_ray.plugins.operator_names():
        kind = cosmic_ray.plugins.get_operator(name)
        if kind.arguments():  # it needs to be told what to change
            continue
        places = [start for node in ast_nodes(tree) for start, _ in kind().mutation_positions(node)]
        for occurrence, (line, column) in enumerate(places):
            yield Mutant(module, line, column, name, occurrence)


class WithoutTypes(ast.NodeTransformer):
    """Takes the annotations out, and the types that are given names."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
        node.annotation = ast.Constant(0)
        if alias:
            node.value = None
        self.generic_visit(node)
        return node


def what_runs(code: str) -> str | None:
    """Return what of a module is evaluated, as text that compares; None where it is not Python."""
    try:
        return ast.dump(WithoutTypes().visit(ast.parse(code)))
    except SyntaxError:
        return None


def drawn(subject: str, seed: int, size: int) -> list[Mutant]:
    """Return so many mutants: one from each place, in the order of chance, before a second from any."""
    source = random.Random(f"{subject}/{seed}")  # noqa: S311 - it draws the same again
    places: dict[tuple[str, int, int], list[Mutant]] = {}
    for module in SUBJECTS[subject][0]:
        for mutant in mutants(module):
            places.setdefault((mutant.module, mutant.line, mutant.column), []).append(mutant)
    ranked = []
    for of_place in places.values():
        source.shuffle(of_place)
        ranked += [(rank, source.random(), mutant) for rank, mutant in enumerate(of_place)]
    running = (mutant for _, _, mutant in sorted(ranked) if differs(mutant))
    return [*islice(running, size)]


def differs(mutant: Mutant) -> bool:
    """Return whether a mutant is Python, and something else runs in it."""
    return what_runs(mutated_code(mutant)) not in {what_runs(code_of(mutant.module)), None}


@cache
def mutated_code(mutant: Mutant) -> str:
    changed = mutate_code(code_of(mutant.module), cosmic_ray.plugins.get_operator(mutant.operator)(), mutant.occurrence)
    assert changed is not None
    return changed


def difference(mutant: Mutant) -> str:
    """Return what a mutant changes."""
    before, after = code_of(mutant.module).splitlines(), mutated_code(mutant).splitlines()
    lines = [*difflib.unified_diff(before, after, lineterm="", n=1)][2:]
    path = source_of(mutant.module).relative_to(ROOT)
    return "\n".join([f"{path}:{mutant.line} {mutant.operator} {mutant.occurrence}", *lines])


# -- the tests ---------------------------------------------------------------------------------------------------------


def tests_of(subject: str, module: str) -> list[list[str]]:
    """Return the test files for a mutant of a module: first the module's own, by which most end, then all others."""
    modules, others = SUBJECTS[subject]
    mirrors = [str(Path("core") / Path(one).parent / f"test_{Path(one).name}.py") for one in modules]
    own = mirrors[modules.index(module)]
    rest = [test for test in [*mirrors, *others] if test != own]
    return [[f"tests/{own}"], [f"tests/{test}" for test in rest]]


def run_tests(copy: Path, tests: list[str], seconds: float) -> Outcome:
    """Run tests of the copy in a fork, for so many seconds of CPU at most."""
    child = os.fork()
    if child == 0:
        os.chdir(copy)
        sys.path[:0] = [str(copy), str(copy / "transports")]
        sys.argv = ["pytest"]
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        output = os.open(copy / "output.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(output, stream)
        os._exit(pytest.main([*OPTIONS, *tests]))
    _, status, usage = os.wait4(child, 0)
    how = f"signal {status}" if os.WIFSIGNALED(status) else f"status {os.waitstatus_to_exitcode(status)}"
    return Outcome(status == 0, how, usage.ru_utime + usage.ru_stime)


def try_mutant(copy: Path, subject: str, mutant: Mutant, seconds: float) -> Outcome:
    """Run the tests on a mutant, until some fail."""
    path = source_of(mutant.module, copy)
    path.write_text(mutated_code(mutant), encoding="utf-8")
    try:
        return run_stages(copy, tests_of(subject, mutant.module), seconds)
    finally:
        path.write_text(code_of(mutant.module), encoding="utf-8")


def run_stages(copy: Path, stages: list[list[str]], seconds: float) -> Outcome:
    """Run the tests stage by stage, until some fail."""
    spent = 0.0
    for tests in stages:
        survived, how, more = run_tests(copy, tests, seconds)
        spent += more
        if not survived:
            return Outcome(survived=False, how=how, seconds=spent)
    return Outcome(survived=True, how="", seconds=spent)


def copied(folder: Path) -> Path:
    """Return a copy of the tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    return folder


def try_subject(subject: str, chosen: list[Mutant], copy: Path) -> list[Mutant]:
    """Try mutants of a subject, print what survives, and return it."""
    began = time.monotonic()
    # What is compiled now is read again for each mutant. A mutant itself is not kept compiled: Python would take the
    # next one for it, if that has the same size and comes in the same second.
    sys.dont_write_bytecode = False
    first = run_stages(copy, tests_of(subject, SUBJECTS[subject][0][0]), 600)
    if not first.survived:
        print((copy / "output.txt").read_text(encoding="utf-8", errors="replace")[-3000:])
        raise SystemExit(f"{subject}: the tests fail without any change")
    survivors = []
    sys.dont_write_bytecode = True
    cpu, ends = first.seconds, Counter[str]()
    for mutant in chosen:
        outcome = try_mutant(copy, subject, mutant, 4 * first.seconds + 10)
        cpu += outcome.seconds
        ends[outcome.how] += 1
        if outcome.survived:
            survivors.append(mutant)
            print(difference(mutant), flush=True)
    print(
        f"{subject}: {len(chosen)} mutants, {len(survivors)} survived {dict(ends)}, "
        f"{cpu:.0f} s of CPU in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return survivors


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("subjects", nargs="+", choices=[*SUBJECTS], metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--seed", type=int, default=1, help="which mutants are drawn (default: %(default)s)")
    parser.add_argument("--size", type=int, default=150, help="how many of each subject (default: %(default)s)")
    parser.add_argument("--survivors", action="store_true", help="only those that survived the last time")
    known = parser.parse_args()
    KEPT.mkdir(exist_ok=True)
    gc.freeze()  # what is loaded stays shared between the forks
    left = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for subject in known.subjects:
            kept = KEPT / f"{subject}.json"
            if known.survivors:
                chosen = [Mutant(*mutant) for mutant in json.loads(kept.read_text(encoding="utf-8"))]
            else:
                chosen = drawn(subject, known.seed, known.size)
            survivors = try_subject(subject, chosen, copy)
            kept.write_text(json.dumps(survivors, indent=0) + "\n", encoding="utf-8")
            left += len(survivors)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
