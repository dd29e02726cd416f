"""Vectors: one form, held by the schema; an index that counts right; copies that another language reads."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from restli_core.errors import InvalidCallError
from restli_transports.testing import vectors
from restli_transports.testing.vectors import export, index, load, main, names, untagged
from tests.support.source_tree import ROOT
from tests.vectors.__main__ import counted, written

FOLDER = ROOT / "tests" / "vectors"
PROGRAM = "python -m restli_transports.testing.vectors"

DIGESTS = {
    "1.0": "6677a0cba3e194b94c044eb59b22882fcff9e6516a88b77c7e3fab2ae34cb1a8",
    "1.1": "da6b3e967925b8499a9fa5f8902991532b46831041d4d56f7b9e95dde6e36bcc",
}
"""The index of each version, without its words. Whoever changes a file gives the data set a new version."""


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(document("schema"))


# -- the form ----------------------------------------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(document("schema"))


def test_the_schema_takes_the_index() -> None:
    validator().validate(index())


# All cases take seconds. The last one, which is new where there is one, is always among those looked at.
@pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.deep)])
@pytest.mark.parametrize("name", names())
def test_the_schema_takes_each_file(name: str, step: int) -> None:
    found = document(name)
    validator().validate({**found, "cases": found["cases"][::-step]})


def file(op: str, **case: Any) -> dict[str, Any]:
    return {"op": op, "note": "", "cases": [case]}


SOUND = {
    "a value": file("encode_query", **{"in": {"value": [{"a": None, "b": True, "": 2**53 - 1}]}, "ok": "x"}),
    "a refusal": file("decode", **{"in": {"s": "("}, "error": {"class": "java.lang.X", "message": ""}}),
    "tags": file(
        "stringify",
        **{"in": {"value": {"$t": "double", "v": "-1.0E-7"}}, "ok": "-1.0E-7"},
    ),
}


@pytest.mark.parametrize("found", SOUND.values(), ids=SOUND)
def test_the_schema_takes_what_is_sound(found: dict[str, Any]) -> None:
    assert validator().is_valid(found)


UNSOUND = {
    "no operation": {"note": "", "cases": [{"in": {"s": ""}, "ok": ""}]},
    "another operation": file("encode", **{"in": {"value": ""}, "ok": ""}),
    "no cases": {"op": "decode", "note": "", "cases": []},
    "neither ok nor error": file("decode", **{"in": {"s": ""}}),
    "both": file("decode", **{"in": {"s": ""}, "ok": "", "error": {"class": "", "message": ""}}),
    "a strange member": file("decode", **{"in": {"s": ""}, "ok": "", "okay": ""}),
    "a strange member of in": file("decode", **{"in": {"s": "", "t": ""}, "ok": ""}),
    "a number out of a URL": file("decode", **{"in": {"s": "1"}, "ok": 1}),
    "a float": file("encode_query", **{"in": {"value": 1.5}, "ok": ""}),
    "a float inside": file("encode_query", **{"in": {"value": [{"a": 1.5}]}, "ok": ""}),
    "beyond 2^53": file("encode_query", **{"in": {"value": 2**53}, "ok": ""}),
    "another tag": file("encode_query", **{"in": {"value": {"$t": "int", "v": "1"}}, "ok": ""}),
    "a tag without value": file("encode_query", **{"in": {"value": {"$t": "long"}}, "ok": ""}),
    "a tag with more": file("encode_query", **{"in": {"value": {"$t": "long", "v": "1", "w": 1}}, "ok": ""}),
    "a long that is none": file("encode_query", **{"in": {"value": {"$t": "long", "v": "1.0"}}, "ok": ""}),
    "a double that is none": file("encode_query", **{"in": {"value": {"$t": "double", "v": "inf"}}, "ok": ""}),
    "base64 that is none": file("encode_query", **{"in": {"value": {"$t": "bytes", "v": "/w"}}, "ok": ""}),
    "units that are none": file("encode_query", **{"in": {"value": {"$t": "utf16", "v": "d8"}}, "ok": ""}),
    "a list where a scalar stands": file("stringify", **{"in": {"value": []}, "ok": ""}),
    "an index without a digest": {"version": "1.0", "files": [{"name": "a"}]},
}


@pytest.mark.parametrize("found", UNSOUND.values(), ids=UNSOUND)
def test_the_schema_refuses_what_is_not(found: dict[str, Any]) -> None:
    assert not validator().is_valid(found)


def unsafe_number(text: str) -> Any:
    raise AssertionError(f"{text} is not the same in every language")


@pytest.mark.parametrize("name", names())
def test_every_language_reads_the_same(name: str) -> None:
    """What no schema can say: of the text that a parser takes away."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), "a name comes twice"
        return dict(pairs)

    content = (FOLDER / f"{name}.json").read_bytes()
    found = json.loads(content, parse_float=unsafe_number, parse_constant=unsafe_number, object_pairs_hook=members)
    json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair cannot be encoded
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content


def members_of(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from part.get("properties", ())
        for inner in part.values():
            yield from members_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from members_of(inner)


def test_the_readme_names_everything() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[$\w]+", " ".join(re.findall(r"`([^`]+)`", readme))))
    rows = index()["files"]
    wanted = {*members_of(document("schema")), *(row["op"] for row in rows), *names()}
    wanted |= {row["origin"]["kind"] for row in rows}
    assert sorted(wanted - told) == []
    assert f"{sum(row['cases'] for row in rows):,} cases in {len(rows)} files" in readme
    measured = sum(row["cases"] for row in rows if row["origin"]["kind"] in ("measured", "fuzz"))
    for page in ("README.md", "docs/why.md"):
        assert f"{measured:,} " in (FOLDER.parents[1] / page).read_text(encoding="utf-8")


# -- the index ---------------------------------------------------------------------------------------------------------


def test_the_index_has_each_file_once() -> None:
    there = {path.stem for path in FOLDER.glob("*.json")} - {"index", "schema"}
    assert sorted(names()) == sorted(there)


def test_the_index_counts_right() -> None:
    found = index()
    assert found == {**found, "files": [counted(row) for row in found["files"]]}, "python -m tests.vectors mends it"


def test_the_index_is_written_as_it_stands() -> None:
    assert written(index()) == (FOLDER / "index.json").read_text(encoding="utf-8")


def test_a_change_has_a_new_version() -> None:
    found = index()
    told = "\n".join(f"{row['name']} {row['sha256']}" for row in found["files"])
    assert DIGESTS.get(found["version"]) == hashlib.sha256(told.encode()).hexdigest()


# -- for Python --------------------------------------------------------------------------------------------------------


def test_loads_the_cases_of_a_file() -> None:
    assert load("encode_query") == document("encode_query")["cases"]
    assert [len(load(name)) for name in names()] == [row["cases"] for row in index()["files"]]


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("encode_qurey", "the nearest: encode_query"),
        ("encode_query.json", "the nearest: encode_query"),
        ("xyzzy", "there are: encode_query, "),
        ("../vectors/decode", "vectors"),
        ("index", "vectors"),
        ("", "there are: "),
        (None, "vectors None"),
    ],
)
def test_a_name_that_is_not_there_is_refused(name: Any, cure: str) -> None:
    with pytest.raises(InvalidCallError, match=re.escape(cure)) as refusal:
        load(name)
    assert refusal.value.argument == "name"


def test_tagged_values() -> None:
    tagged = {
        "list": [{"$t": "long", "v": "-9223372036854775808"}, {"$t": "double", "v": "1e23"}, 7, None, True],
        "float": {"$t": "float", "v": "-Infinity"},
        "bytes": {"$t": "bytes", "v": "AP8="},
        "half a pair": {"$t": "utf16", "v": "0061d800"},
        "text": "x",
        "v": {"v": "$t"},
    }
    assert untagged(tagged) == {
        "list": [-(2**63), 1e23, 7, None, True],
        "float": float("-inf"),
        "bytes": b"\0\xff",
        "half a pair": "a\ud800",
        "text": "x",
        "v": {"v": "$t"},
    }


def test_all_tags_can_be_undone() -> None:
    for name in names():
        untagged(load(name))


def test_files_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vectors, "_FOLDERS", (tmp_path / "a", tmp_path / "b"))
    with pytest.raises(FileNotFoundError, match=re.escape(f"{tmp_path / 'a'} or {tmp_path / 'b'}")):
        load("decode")


# -- copies ------------------------------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix not in {".py", ""}}


@pytest.mark.parametrize("place", ["new", "one/inside/another", "there"])
def test_exports_all_of_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "there").mkdir()
    written = export(tmp_path / place)
    assert contents(tmp_path / place) == contents(FOLDER)
    assert sorted(written) == sorted((tmp_path / place).iterdir())


def test_exports_to_a_path_as_text(tmp_path: Path) -> None:
    assert {path.parent for path in export(str(tmp_path / "new"))} == {tmp_path / "new"}


def unfit_folders(tmp_path: Path) -> Iterator[tuple[str, str]]:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "at all")
    yield str(tmp_path / "full"), "is not empty; give a new or an empty one"
    yield str(tmp_path / "full" / ".hidden"), "cannot be made or read: File exists"
    yield str(tmp_path / "full" / ".hidden" / "below"), "cannot be made or read: Not a directory"
    yield str(tmp_path / "dangling"), "cannot be made or read: File exists"
    yield "", "is empty; give the path of a new folder"


def test_a_folder_that_does_not_fit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, reason in unfit_folders(tmp_path):
        with pytest.raises(InvalidCallError, match=re.escape(reason)) as refusal:
            export(folder)
        assert refusal.value.argument == "folder"
        assert main(["--export", folder]) == 2
        out, err = capsys.readouterr()
        assert (out, err) == ("", f"{PROGRAM}: {refusal.value}\n")
    assert [path.name for path in (tmp_path / "full").iterdir()] == [".hidden"]
    with pytest.raises(InvalidCallError, match="null"):
        export("a\0b")


def test_a_file_that_cannot_be_written_is_not_the_callers_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, os.strerror(28), str(target))

    monkeypatch.setattr(shutil, "copyfile", full)
    assert main(["--export", str(tmp_path / "new")]) == 1
    assert "No space left on device" in capsys.readouterr().err


# -- the command -------------------------------------------------------------------------------------------------------


def test_lists_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    heading, *rows, empty, total = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "op", "cases", "errors", "origin", "shows"]
    assert [row.split(maxsplit=5) for row in rows] == [
        [row["name"], row["op"], str(row["cases"]), str(row["errors"]), row["origin"]["kind"], row["shows"]]
        for row in index()["files"]
    ]
    assert empty == ""
    cases = sum(len(load(name)) for name in names())
    assert total == f"{cases} cases in {len(names())} files of vectors, version {index()['version']}"


def test_says_what_was_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--export", str(tmp_path / "new")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{len(names()) + 4} files are in {tmp_path / 'new'}: ")
    assert err == ""


@pytest.mark.parametrize("arguments", [[], ["--lost"], ["--export"], ["--list", "--export", "x"], ["--list", "x"]])
def test_bad_arguments_are_refused_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    out, err = capsys.readouterr()
    assert end.value.code == 2
    assert out == ""
    assert err.startswith(PROGRAM)
    assert err.count("\n") == 1


# -- another language --------------------------------------------------------------------------------------------------


def kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("$t", "object"))
    return {type(None): "null", bool: "boolean", int: "integer", str: "text", list: "array"}[type(value)]


def kinds_in(value: Any) -> Iterator[str]:
    """Yield the kind of a result, and those of all that is inside."""
    yield (kind := kind_of(value))
    if kind in {"array", "object"}:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from kinds_in(inner)


def counts_of(name: str) -> dict[str, int]:
    cases = load(name)
    counts = Counter(kind for case in cases if "ok" in case for kind in kinds_in(case["ok"]))
    return {"cases": len(cases), "error": sum("error" in case for case in cases), **counts}


def test_javascript_reads_the_copy_as_python_does(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on the path, which runs read_vectors.mjs")
    export(tmp_path)
    # Nothing of this process' settings: another program's loader would run in it.
    ran = subprocess.run(
        [node, tmp_path / "read_vectors.mjs"], check=True, capture_output=True, text=True, env={"PATH": os.defpath}
    )
    found = json.loads(ran.stdout)
    assert found == {name: counts_of(name) for name in names()}
    decoded = found["decode"]
    assert min(decoded[kind] for kind in ("error", "text", "array", "object")) > 100
