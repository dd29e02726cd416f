"""check_codec: what it says of our own codec, of naive ones, and of functions that hang."""

from __future__ import annotations

import json
import threading
from typing import Any
from urllib.parse import quote

import pytest

import restli_core as restli
from restli_core import InvalidCallError
from restli_transports.testing.codec_check import Report, check_codec


def naive(value: Any) -> str:
    """The first thing that comes to mind."""
    if isinstance(value, dict):
        return "(" + ",".join(f"{name}:{naive(item)}" for name, item in value.items()) + ")"
    if isinstance(value, list):
        return "List(" + ",".join(map(naive, value)) + ")"
    return quote(str(value))


def url(path: str, path_keys: dict[str, Any], params: dict[str, Any]) -> str:
    return restli.get(path, path_keys=path_keys, query_params=params, base_url="https://h").request.url


def broken(report: Report) -> dict[str, Any]:
    return {result.law: result.finding for result in report.findings}


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")
def test_it_finds_nothing_wrong_with_ours() -> None:
    report = check_codec(
        encode=restli.encode,
        decode=restli.decode,
        reduced_encode=restli.reduced_encode,
        reduced_decode=restli.reduced_decode,
        param_encode=restli.param_encode,
        param_decode=restli.param_decode,
        build_query=restli.param_encode,
        build_url=url,
        examples=10,
        limit=60,
    )
    assert not report, report
    assert {result.function for result in report.results} == {
        *("encode", "decode", "reduced_encode", "reduced_decode", "param_encode", "param_decode"),
        *("build_query", "build_url"),
    }
    assert all(result.tried for result in report.results)
    assert str(report).startswith(f"all {len(report.results)} laws hold\nok      encode: ")


def test_a_naive_encoder_has_at_least_five_faults_each_with_its_smallest_input() -> None:
    found = broken(check_codec(encode=naive, limit=60))
    assert len(found) >= 5
    assert found["a server reads the empty text"].input == "''"
    assert found["a server reads names of dicts with marks of the grammar"].input in {
        repr({mark: "a"}) for mark in ",:()%'"
    }
    assert found["booleans are to a server what LinkedIn's client writes"].got.startswith("'True'")
    assert found["bytes are to a server what LinkedIn's client writes"].source.startswith("encode_query.json, case ")
    assert found["deep values do not exhaust the stack"].got.startswith("RecursionError")
    assert "a server reads text with percent signs" not in found


def test_a_decoder_that_takes_everything_is_found_out() -> None:
    found = broken(check_codec(decode=lambda text: restli.decode(text) if text.isalnum() else text, limit=60))
    assert found["malformed text is refused"].expected == "an error"
    assert found["text is read or refused as LinkedIn's server does"].source.startswith("decode")


def test_what_one_function_writes_the_other_has_to_read() -> None:
    report = check_codec(encode=restli.encode, decode=lambda text: restli.decode(text.replace("%20", "")), limit=60)
    finding = broken(report)["decode gives back what it wrote"]
    assert " " in finding.input


def hang(text: str) -> Any:
    while "(" in text:
        pass
    return restli.decode(text)


def test_a_function_that_never_returns_is_ended_and_named() -> None:
    report = check_codec(decode=hang, limit=0.05, examples=20)
    assert any(result.finding is not None and "no result after" in result.finding.got for result in report.results)
    assert not [thread for thread in threading.enumerate() if thread.name == "codec_check"]


def test_a_function_that_does_not_let_itself_be_ended_ends_the_run() -> None:
    release = threading.Event()

    def stuck(text: str) -> Any:
        if "(" in text:
            release.wait()  # in C, where no exception arrives
        return restli.decode(text)

    report = check_codec(decode=stuck, limit=0.05, examples=20)
    release.set()
    assert "cannot be ended" in report.findings[-1].finding.got  # type: ignore[union-attr]
    assert report.results[-1] is report.findings[-1]


def test_the_report_is_json_too() -> None:
    report = check_codec(param_encode=lambda params: "", examples=5, limit=60)
    document = json.loads(report.to_json())
    assert document["broken"] == len(report.findings) > 0
    assert [entry["function"] for entry in document["results"]] == ["param_encode"] * len(report.results)
    assert document["results"][0]["finding"].keys() == {"input", "expected", "got", "source"}
    assert repr(report) == f"<Report: {len(report.findings)} of {len(report.results)} laws broken>"


def test_two_runs_find_the_same() -> None:
    first, second = (check_codec(encode=naive, examples=20, limit=60, seed=7) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "named"),
    [({}, "encode"), ({"encode": naive, "limit": 0}, "limit"), ({"encode": naive, "examples": -1}, "examples")],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidCallError, match=f"^{named}: "):
        check_codec(**arguments)
