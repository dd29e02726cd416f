"""What releases are made with: the changelog that is cut, and the workflows on GitHub."""

from __future__ import annotations

import hashlib
import os
import re
import runpy
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from restli_core import __version__
from tests.support.source_tree import ROOT

CHANGELOG: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "changelog.py"))
cut, notes, check, sections, Mistake = (CHANGELOG[name] for name in ("cut", "notes", "check", "sections", "Mistake"))

TEXT = """# Changelog

Some words.

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-01-02

### Fixed

- An older one.
"""


def test_what_is_unreleased_gets_a_version_and_a_day() -> None:
    text = cut(TEXT, "0.2.0", "2026-11-29")
    assert [*sections(text)] == ["Unreleased", "0.2.0", "0.1.0"]
    assert notes(text, "0.2.0") == "### Added\n\n- A thing.\n"
    assert notes(text, "0.1.0") == notes(TEXT, "0.1.0") == "### Fixed\n\n- An older one.\n"
    assert text.replace("\n## [0.2.0] - 2026-11-29\n", "") == TEXT
    check(text, "0.2.0")


@pytest.mark.parametrize(
    ("text", "version", "day", "reason"),
    [
        (TEXT, "0.1.0", "2026-11-29", "has a section already"),
        (TEXT, "v0.2.0", "2026-11-29", "is not a version"),
        (TEXT, "0.2", "2026-11-29", "is not a version"),
        (TEXT.replace("### Added\n\n- A thing.\n\n", ""), "0.2.0", "2026-11-29", "there is nothing under"),
        (TEXT.replace("## [Unreleased]\n", ""), "0.2.0", "2026-11-29", "there is nothing under"),
        (TEXT, "0.2.0", "today", "Invalid isoformat"),
    ],
)
def test_what_cannot_be_cut_is_refused(text: str, version: str, day: str, reason: str) -> None:
    with pytest.raises((Mistake, ValueError), match=reason):
        cut(text, version, day)


def test_a_tag_needs_a_section_of_its_own_above_all_others() -> None:
    with pytest.raises(Mistake, match=r"the newest section is 0\.1\.0, not 0\.2\.0"):
        check(TEXT, "0.2.0")
    with pytest.raises(Mistake, match="something is unreleased above it"):
        check(TEXT, "0.1.0")


def test_this_projects_own_changelog_can_be_cut() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if __version__ not in sections(text):
        text = cut(text, __version__, "2026-11-29")
    check(text, __version__)
    assert "\n### Added\n" in notes(text, __version__)


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.skipif(not WORKFLOWS, reason="a source distribution has no workflows")
def test_workflows_pin_what_they_use_and_may_do_nothing_by_default() -> None:
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        assert "\npermissions: {}\n" in text
        for used in re.findall(r"uses: (\S+.*)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def test_scripts_that_workflows_run_are_there() -> None:
    for path in WORKFLOWS:
        for script in re.findall(r"run: (\.ci/\w+)", path.read_text(encoding="utf-8")):
            assert (ROOT / script).is_file()


def test_the_wheel_brings_no_other_package_along() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == []
    assert "dependencies" not in project["dynamic"]


@pytest.mark.skipif(not WORKFLOWS, reason="a source distribution has no workflows")
def test_what_is_published_was_built_and_checked_by_another_job() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    build, publish = text.partition("\n  publish:\n")[::2]
    assert 'run: .ci/release --tag "$GITHUB_REF_NAME"\n' in build
    assert "--quick" not in text
    assert "write" not in build  # it may publish nothing
    assert "\n    needs: build\n" in publish
    assert "\n      name: pypi\n" in publish  # where a maintainer is asked
    assert "attest-build-provenance@" in publish
    assert "gh-action-pypi-publish@" in publish
    assert "attestations: false" not in publish
    assert not re.search(r"checkout@|\.ci/|python|pip ", publish)  # it runs nothing of this repository


def test_two_builds_that_differ_end_a_release() -> None:
    script = (ROOT / ".ci" / "release").read_text(encoding="utf-8")
    assert re.search(r"\nset -euo pipefail\n", script)
    assert re.search(r'\n    cmp "\$package" "\$work/again/.+ \|\| fail ', script)


BILL: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"name": "restli-core", "type": "library"}, "timestamp": "now"},
}


def test_a_bill_of_materials_says_of_which_version_and_files_it_is() -> None:
    complete = runpy.run_path(str(ROOT / ".ci" / "bill.py"))["complete"]
    bill = complete(BILL, "0.1.0", 1_700_000_000, {"b.whl": b"b", "a.tar.gz": b"a"})
    subject = bill["metadata"]["component"]
    assert (subject["version"], subject["purl"]) == ("0.1.0", "pkg:pypi/restli-core@0.1.0")
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    files = {part["url"]: part["hashes"][0]["content"] for part in subject["externalReferences"]}
    assert files == {name: hashlib.sha256(name[:1].encode()).hexdigest() for name in ("a.tar.gz", "b.whl")}
    assert complete(bill, "0.1.0", 1_700_000_000, {})["metadata"]["timestamp"] == bill["metadata"]["timestamp"]


@pytest.mark.parametrize("changed", [{"components": [{"name": "h11"}]}, {"metadata": {"component": {"name": "x"}}}])
def test_a_bill_of_something_else_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^it is the bill of (restli-core, with h11|x, with nothing else)$"):
        runpy.run_path(str(ROOT / ".ci" / "bill.py"))["complete"](BILL | changed, "0.1.0", 0, {})


# -- what stops a release before anything is built ---------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a changelog that was cut for 0.1.0, and what looks at that."""
    if not (shutil.which("git") and shutil.which("bash")):
        pytest.skip("needs git and bash")
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / ".ci", folder / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "restli_core").mkdir()
    (folder / "restli_core" / "_version.py").write_text('VERSION = "0.1.0"\n', encoding="utf-8")
    (folder / "CHANGELOG.md").write_text(TEXT.replace("### Added\n\n- A thing.\n\n", ""), encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for kind in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{kind}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{kind}_EMAIL", "somebody@example.org")
    git(folder, "init", "-q")
    committed(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout


def committed(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "All")


def uncommitted(folder: Path) -> None:
    (folder / "CHANGELOG.md").write_text("", encoding="utf-8")


def untracked(folder: Path) -> None:
    (folder / "stray").touch()


def tagged(folder: Path) -> None:
    git(folder, "tag", "-a", "v0.1.0", "-m", "0.1.0")


def tagged_elsewhere(folder: Path) -> None:
    tagged(folder)
    untracked(folder)
    committed(folder)


def uncut(folder: Path) -> None:
    (folder / "CHANGELOG.md").write_text(TEXT.replace("0.1.0", "0.0.9"), encoding="utf-8")
    committed(folder)
    tagged(folder)


def not_whole(folder: Path) -> None:
    (folder / "CHANGELOG.md").write_text(TEXT, encoding="utf-8")
    committed(folder)
    tagged(folder)


def nobody(folder: Path) -> None:
    git(folder, "config", "user.useConfigOnly", "true")
    for kind in ("AUTHOR", "COMMITTER"):
        del os.environ[f"GIT_{kind}_NAME"], os.environ[f"GIT_{kind}_EMAIL"]


@pytest.mark.skipif(os.name == "nt", reason="a release is made on POSIX")
@pytest.mark.parametrize(
    ("prepare", "arguments", "reason"),
    [
        (uncommitted, [], "there are changes that are not committed"),
        (untracked, ["--cut"], "there are changes that are not committed"),
        (tagged, ["--tag", "v0.2.0"], "the tag is v0.2.0, and the version 0.1.0"),
        (Path.exists, ["--tag", "v0.1.0"], "there is no tag v0.1.0"),
        (tagged_elsewhere, ["--tag", "v0.1.0"], "is of another commit"),
        (uncut, ["--tag", "v0.1.0"], "the newest section is 0.0.9, not 0.1.0: cut it first"),
        (not_whole, ["--tag", "v0.1.0"], "something is unreleased above it"),
        (tagged, ["--cut"], "there is a tag v0.1.0 already"),
        (Path.exists, ["--cut"], "0.1.0 has a section already"),
        (nobody, ["--cut"], "Author identity unknown|Committer identity unknown|tell me who you are"),
        (tagged, ["--cut", "--tag", "v0.1.0"], "--cut makes a tag"),
        (Path.exists, ["--tag"], "--tag needs one"),
        (Path.exists, ["--publish"], "Nothing is published here"),
    ],
)
def test_a_release_that_cannot_be_one_is_not_begun(
    repository: Path, prepare: Callable[[Path], object], arguments: list[str], reason: str
) -> None:
    names = os.environ.copy()
    try:
        prepare(repository)
        before = git(repository, "status", "--porcelain"), git(repository, "for-each-ref")
        done = subprocess.run(
            [".ci/release", *arguments], cwd=repository, check=False, capture_output=True, encoding="utf-8"
        )
    finally:
        os.environ.update(names)
    assert done.returncode != 0
    assert re.search(reason, done.stderr)
    assert "=== Tools" not in done.stdout
    assert (git(repository, "status", "--porcelain"), git(repository, "for-each-ref")) == before


def test_the_status_of_what_scripts_run_is_not_lost_in_an_echo_or_a_loop() -> None:
    for name in ("run", "release"):
        for line in (ROOT / ".ci" / name).read_text(encoding="utf-8").splitlines():
            assert not re.search(r"^ *(echo|for) .*\$\((?!wc )", line), line
