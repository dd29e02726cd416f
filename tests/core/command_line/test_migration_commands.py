"""migrate: a diff on standard output, and all else on standard error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from restli_core.migrating import migrate
from tests.support.command_lines import Ran, refused, run_line

PROGRAM = "# café\nimport os\nfrom linkedin_api.clients.restli.client import RestliClient\nx.isError\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_diff_makes_the_migrated_program(encoding: str, end: str, tmp_path: Path) -> None:
    source = PROGRAM.replace("\n", end)
    path = tmp_path / "report.py"
    path.write_bytes(source.encode(encoding))
    ran = run_line(["migrate", str(path)])
    assert (ran.status, ran.err) == (0, f"note: {path}: 1 place is left to do: see the comments\n")
    if (patch := shutil.which("patch")) is None:
        pytest.skip("the program patch is not installed")
    subprocess.run([patch, "--binary", str(path)], input=ran.out.encode(), check=True, capture_output=True)
    assert path.read_bytes().decode("utf-8") == ("\ufeff" * (encoding != "utf-8")) + migrate(source).text


def test_a_program_in_another_encoding_is_read_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.py").write_bytes(f"# coding: latin-1\n{PROGRAM}".encode("latin-1"))
    ran = run_line("migrate ./report.py")
    assert ran.out.startswith("--- a/report.py\n+++ b/report.py\n@@ -1,5 +1,6 @@\n # coding: latin-1\n # café\n")


def test_several_programs_make_one_diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("a.py", "import linkedin_api\n" * 2), ("b.py", "x = 1\n"), ("c.py", PROGRAM)):
        Path(name).write_text(text, encoding="utf-8")
    ran = run_line("migrate a.py b.py c.py")
    assert [line for line in ran.out.splitlines() if line.startswith("---")] == ["--- a/a.py", "--- a/c.py"]
    assert ran.err.splitlines() == [
        "note: a.py: 2 places are left to do: see the comments",
        "note: b.py: nothing to do",
        "note: c.py: 1 place is left to do: see the comments",
    ]


def test_standard_input_is_a_program_too() -> None:
    ran = run_line("migrate -", b"from linkedin_api.clients.auth.client import AuthClient")
    assert ran.err == ""
    assert ran.out == (
        "--- a/stdin.py\n+++ b/stdin.py\n@@ -1 +1 @@\n"
        "-from linkedin_api.clients.auth.client import AuthClient\n\\ No newline at end of file\n"
        "+from restli_transports import AuthClient\n\\ No newline at end of file\n"
    )
    assert run_line("migrate -", b"x = (") == Ran(0, "", "note: -: nothing to do\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"import linkedin_api\nx = (\n", "report.py: is not Python: line 2: '(' was never closed"),
        (b"import linkedin_api\n\xff\n", "report.py: is not a program in Python: "),
        (b"# coding: nothing\nimport linkedin_api\n", "report.py: is not a program in Python: "),
    ],
    ids=["syntax", "encoding", "cookie"],
)
def test_what_is_not_a_program_is_told_in_one_line(
    content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.py").write_bytes(content)
    assert refused("migrate report.py").startswith(said)


def test_a_file_that_is_not_there_is_named() -> None:
    assert refused("migrate nowhere.py").startswith("the program: cannot read the file 'nowhere.py'")
