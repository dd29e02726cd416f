"""Fuzz a target: ``python -m tests.fuzz TARGET --seconds N``.

It begins with the inputs that are kept of the target, and works in ``.fuzz/TARGET``, where it leaves what it finds. It
ends with status 1 if a law is broken, and with 2 where atheris is missing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import traceback
import warnings
from hashlib import sha1
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.corpora import Kept, kept, minimised, write
from tests.fuzz.target import attempt
from tests.fuzz.targets import TARGETS
from tests.support.source_tree import ROOT

WORK = ROOT / ".fuzz"
MAX_SIZE = 1000
"""Bytes of an input. Larger ones come by `tests.fuzz.target.grown`."""
MAX_WALL_SECONDS = 60
"""For one input; on a busy machine too, no input takes as long, unless it takes for ever."""
MISSING = "atheris is not installed: pip install -e '.[fuzz]' (it has wheels for Linux alone)"


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target", nargs="?", choices=[*TARGETS], metavar="TARGET", help="see --list")
    parser.add_argument("--seconds", type=int, default=300, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="where the random inputs begin (default: %(default)s)")
    parser.add_argument("--list", action="store_true", help="show the targets and their laws")
    parser.add_argument("--try", type=Path, dest="tried", metavar="FILE", help="try this input alone, without atheris")
    parser.add_argument("--fault", metavar="TEXT", help="with --try: keep the input, as one that showed this fault")
    parser.add_argument("--keep", action="store_true", help="minimise what was tried, and keep it in tests/fuzz/corpus")
    known = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    if known.list:
        print(*(f"{name:15}{target.law}" for name, target in TARGETS.items()), sep="\n")
        return 0
    if known.target is None:
        parser.error("a target is needed: see --list")
    if known.tried is not None:
        if known.fault:
            before = kept(known.target)
            write(known.target, before._replace(found=[*before.found, (known.tried.read_bytes(), known.fault)]))
        return report(known.target, [known.tried])
    if known.keep:
        keep(known.target)
        return 0
    if find_spec("atheris") is None:
        print(MISSING, file=sys.stderr)
        return 2
    return fuzz(known.target, known.seconds, known.seed)


def fuzz(name: str, seconds: int, seed: int) -> int:
    """Fuzz a target in another process, and report what that found."""
    inputs, found = WORK / name / "inputs", WORK / name / "found"
    for folder in (inputs, found):
        folder.mkdir(parents=True, exist_ok=True)
    target = TARGETS[name]
    for data in [*target.seeds(), *kept(name).inputs]:
        (inputs / sha1(data).hexdigest()).write_bytes(data)
    dictionary = WORK / name / "words"
    dictionary.write_text("".join(f'"{escaped(word.encode())}"\n' for word in target.words), encoding="ascii")
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "dict": dictionary,
        "max_len": MAX_SIZE,
        "len_control": 20,  # libFuzzer's own is 100, by which five minutes end with a hundred bytes
        "timeout": MAX_WALL_SECONDS,
        "artifact_prefix": f"{found}/",
        "reload": 0,
        "print_final_stats": 1,
    }
    before = {*found.iterdir()}
    program = [
        sys.executable,
        "-m",
        "tests.fuzz.engine",
        name,
        *(f"-{option}={value}" for option, value in options.items()),
    ]
    status = subprocess.run([*program, str(inputs)], cwd=ROOT, check=False).returncode
    return report(name, sorted({*found.iterdir()} - before)) or status


def escaped(word: bytes) -> str:
    """Return a word as libFuzzer's dictionaries have it."""
    return "".join(f"\\x{octet:02X}" for octet in word)


def report(name: str, paths: list[Path]) -> int:
    """Try these inputs, print what is wrong with them, and return 1 if the law is broken."""
    status = 0
    for path in paths:
        data = path.read_bytes()
        print(f"{path}: {data!r}")
        try:
            attempt(TARGETS[name], data)
        except Exception:  # noqa: BLE001 - any exception is a finding
            traceback.print_exc()
            status = 1
        else:
            print("The law holds.")
    return status


def keep(name: str) -> None:
    """Keep of a target the smallest of all inputs that reach what any reaches, and what was found until now."""
    target, before = TARGETS[name], kept(name)
    inputs = [path.read_bytes() for path in (WORK / name / "inputs").glob("*")]
    chosen = minimised(target, [*target.seeds(), *before.corpus, *inputs])
    write(name, Kept(chosen, before.found))
    size = sum(map(len, chosen))
    print(f"{name}: {len(chosen)} of {len(inputs)} inputs, {size} bytes; {len(before.found)} found before")


if __name__ == "__main__":
    sys.exit(main())
