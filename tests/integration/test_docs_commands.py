"""Commands and programs on all pages, in the docstrings of examples too: each command is there, with its options.

What a page prints is held by the tests of that page; here is that no page is left without any.
"""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from restli_transports.command_line.entry import COMMANDS
from tests.support.pages import markdown_files, programs_in, text_of
from tests.support.source_tree import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = ("restli_core", "restli_transports", "tests", "docs", "benchmarks")

# The first word -> why it is not looked at: programs of others.
OTHERS = {"gh", "ruff", "mypy", "pytest", "node"}

# Pages whose programs are run by a test of another name than docs/bulk.md's, which is test_docs_bulk.py.
RUN_BY = {
    "README.md": "test_readme.py",
    **dict.fromkeys(
        (f"docs/{page}.md" for page in ("index", "quick-start", "how-do-i", "why", "security", "versioning")),
        "test_docs_site_pages.py",
    ),
    "docs/pyodide.md": "test_pyodide.py",
    "docs/linkedin/conversions.md": "test_docs_conversions.py",
    "docs/linkedin/posts.md": "test_docs_linkedin_posts.py",
    "docs/linkedin/uploads.md": "test_docs_linkedin_uploads.py",
    "docs/linkedin/webhooks.md": "test_docs_webhooks.py",
}


def commands_of(path: str) -> list[str]:
    """Return the commands that a page shows, in blocks and in its text, or an example in its docstring."""
    text = text_of(path)
    if path.endswith(".py"):
        return re.findall(r"^ {4}((?:python|pip|restli) .*)$", ast.get_docstring(ast.parse(text)) or "", re.MULTILINE)
    blocks = "".join(re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)).splitlines()
    outside = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    inside = re.findall(
        r"(?<!`)`((?:\S*python3? |\S*pip |restli |pytest |node |git |gh |ruff |mypy|\.ci/)[^`]*)`", outside
    )
    return [line for line in [*blocks, *inside] if line.strip()]


SHOWN = [
    pytest.param(path, command.strip(), id=f"{path}-{command.strip()}")
    for path in [*markdown_files(), *(f"examples/{file.name}" for file in sorted((ROOT / "examples").glob("*.py")))]
    if path != "CHANGELOG.md"  # it tells of what was, too
    for shown in commands_of(path)
    for command in re.split(r" && | \| ", shown.replace("\n", " "))
]


def fault_of(command: str) -> str:
    """Return what is wrong with a command; "" where it can be run in a copy of the project."""
    program, *rest = shlex.split(command.partition(" > ")[0], comments=True)
    program = program.removeprefix(".venv/bin/")
    if program in ("python", "python3"):
        return _fault_of_python([word for word in rest if word != "-I"])
    if program == "pip":
        return _fault_of_pip(rest)
    if program == "restli":
        return _fault_of_restli(rest)
    if program == "git":
        known = rest[0] == "apply" or rest == ["clone", PROJECT["urls"]["Homepage"]]
        return "" if known else "it is another repository"
    if program.startswith(".ci/"):
        return "" if (ROOT / program).is_file() else f"there is no {program}"
    return "" if program in OTHERS else f"{program} is not known"


def _fault_of_python(rest: list[str]) -> str:
    if rest[0] != "-m":
        file = ROOT / rest[0]
        return _fault_of_options(file, rest[1:]) if file.is_file() else f"there is no {rest[0]}"
    module, *arguments = rest[1:]
    if module.endswith(".NAME"):
        module = module.removesuffix(".NAME")
    elif (spec := find_spec(module)) is None:
        return f"there is no module {module}"
    elif module.partition(".")[0] in OURS:
        if module in ("restli_core", "restli_transports"):
            return _fault_of_restli(arguments)
        file = Path(str(spec.origin))
        return _fault_of_options(file.with_name("__main__.py") if file.name == "__init__.py" else file, arguments)
    return ""


def _fault_of_options(file: Path, arguments: list[str]) -> str:
    if not file.is_file():
        return f"there is no {file.name}"
    # Options may be those of a module that it imports.
    modules = re.findall(r"^from ([\w.]+) import", file.read_text(encoding="utf-8"), re.MULTILINE)
    ours = [module for module in modules if module.partition(".")[0] in (*OURS, "connection")]
    files = [file, *filter(None, (_file_of(module, file.parent) for module in ours))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    wrong = [word for word in arguments if word.startswith("--") and not any(f'"{word}"' in text for text in texts)]
    return f"{file.name} has no {', '.join(wrong)}" if wrong else ""


def _file_of(module: str, folder: Path) -> Path | None:
    beside = folder / f"{module}.py"
    spec = None if beside.is_file() else find_spec(module)
    return beside if spec is None else Path(spec.origin) if spec.origin else None


def _fault_of_pip(rest: list[str]) -> str:
    for asked in (word for word in rest[1:] if not word.startswith("-")):
        name, _, extras = asked.rstrip("]").partition("[")
        if name.startswith("restli"):
            return f"{name} is not on PyPI"
        if "/" not in name and name != ".":
            continue
        unknown = {extra for extra in extras.split(",") if extra} - PROJECT["optional-dependencies"].keys()
        if unknown:
            return f"there is no extra {', '.join(sorted(unknown))}"
    return ""


def _fault_of_restli(rest: list[str]) -> str:
    if rest in ([], ["--help"]):
        return ""
    found = [command for command in COMMANDS if command.name == rest[0]]
    if not found:
        return f"there is no command {rest[0]}"
    known = {*re.findall(r"--[a-z-]+", found[0].parser("restli").format_help())}
    wrong = [word for word in rest if word.startswith("--") and word not in known]
    return f"{rest[0]} has no {', '.join(wrong)}" if wrong else ""


@pytest.mark.parametrize(("path", "command"), SHOWN)
def test_each_command_is_there(path: str, command: str) -> None:
    assert fault_of(command) == ""


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("python -m restli_transports.dmeo", "there is no module restli_transports.dmeo"),
        ("python -m restli_transports.journal a.jsonl --sendagain 2", "__main__.py has no --sendagain"),
        ("python -m restli_core explane URL", "there is no command explane"),
        ("python -m docs.site --serv", "__main__.py has no --serv"),
        (".venv/bin/python examples/no.py --local", "there is no examples/no.py"),
        (".venv/bin/python examples/ad_accounts.py --locally", "ad_accounts.py has no --locally"),
        ('.venv/bin/pip install -e ".[urlib3]"', "there is no extra urlib3"),
        ('pip install "restli-core[urllib3]"', "restli-core is not on PyPI"),
        ("restli call get /me --stores token.json", "call has no --stores"),
        (".ci/no", "there is no .ci/no"),
        ("git clone https://github.com/restli-core/other", "it is another repository"),
        ("curl -O x", "curl is not known"),
    ],
)
def test_what_is_wrong_with_a_command_is_found(command: str, fault: str) -> None:
    assert fault_of(command) == fault


def test_no_page_with_programs_is_without_a_test() -> None:
    without = []
    for path in markdown_files():
        if not "".join(programs_in(text_of(path))).strip():
            continue
        name = "test_docs_" + path.removeprefix("docs/").removesuffix(".md").replace("-", "_").replace("/", "_") + ".py"
        usual = "test_docs_linkedin.py" if path.startswith("docs/linkedin/") else name
        test = ROOT / "tests" / "integration" / RUN_BY.get(path, usual)
        if not test.is_file():
            without.append(path)
    assert without == []
