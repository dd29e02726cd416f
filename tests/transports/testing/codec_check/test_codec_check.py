"""check_codec: what it says of our own codec, of naive ones, and of functions that hang or end the process."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import pytest

import restli_core as restli
from restli_core import InvalidCallError
from restli_transports.testing.codec_check import LawResult, Report, check_codec
from restli_transports.testing.codec_check.scout import CAN_COPY

LONG = 60.0
QUICK = 0.1


def nested(scalar: Callable[[Any], str], name: Callable[[str], str] = str) -> Callable[[Any], str]:
    """Return an encoder as people write it, over one of scalars and one of names."""

    def encode(value: Any) -> str:
        if isinstance(value, dict):
            return "(" + ",".join(f"{name(key)}:{encode(item)}" for key, item in value.items()) + ")"
        if isinstance(value, list):
            return "List(" + ",".join(map(encode, value)) + ")"
        return scalar(value)

    return encode


def quoted(value: Any) -> str:
    return quote(str(value), safe="")


NAIVE: dict[str, Callable[[Any], str]] = {
    "the first thing that comes to mind": nested(lambda value: quote(str(value))),
    "with names and booleans": nested(lambda value: str(value).lower() if value is True else quoted(value), quoted),
    "as JSON": lambda value: quote(value if isinstance(value, str) else json.dumps(value)),
    "of Python's own text": lambda value: quote(str(value), safe="(),:"),
}


def broken(report: Report) -> dict[str, Any]:
    return {result.law: result.finding for result in report.findings}


def url(path: str, path_keys: dict[str, Any], params: dict[str, Any]) -> str:
    return restli.get(path, path_keys=path_keys, query_params=params, version_string="202609").request.url


# -- codecs ------------------------------------------------------------------------------------------------------------


def test_it_finds_nothing_wrong_with_ours(caplog: pytest.LogCaptureFixture) -> None:
    report = check_codec(
        encode=restli.encode,
        decode=restli.decode,
        reduced_encode=restli.reduced_encode,
        reduced_decode=restli.reduced_decode,
        param_encode=restli.param_encode,
        param_decode=restli.param_decode,
        build_query=restli.param_encode,
        build_url=url,
        examples=4,
        limit=LONG,
    )
    assert not report, str(report)
    assert {result.function for result in report.results} == {
        *("encode", "decode", "reduced_encode", "reduced_decode", "param_encode", "param_decode"),
        *("build_query", "build_url"),
    }
    assert all(result.tried for result in report.results)
    assert str(report).startswith(f"all {len(report.results)} laws hold\nok      encode: ")
    assert caplog.records == []


@pytest.mark.parametrize("encode", NAIVE.values(), ids=NAIVE)
def test_a_naive_encoder_has_at_least_five_faults(encode: Callable[[Any], str]) -> None:
    report = check_codec(encode=encode, limit=LONG, examples=5)
    assert len(report.findings) >= 5
    assert broken(report)["a server reads the empty text"].input == "''"


def test_each_fault_has_its_smallest_input_and_its_source() -> None:
    found = broken(check_codec(encode=NAIVE["the first thing that comes to mind"], limit=LONG, examples=15))
    assert found["a server reads names of dicts with marks of the grammar"].input in {
        repr({mark: "a"}) for mark in ",:()%'"
    }
    assert found["a server reads the empty text"].source.startswith("element = ")
    assert found["booleans are to a server what LinkedIn's client writes"].got.startswith("'True'")
    assert found["bytes are to a server what LinkedIn's client writes"].source.startswith("encode_query.json, case ")
    assert found["deep values do not exhaust the stack"].got == "RecursionError"
    assert "a server reads text with percent signs" not in found


def test_a_decoder_that_takes_everything_is_found_out() -> None:
    lax = check_codec(decode=lambda text: restli.decode(text) if text.isalnum() else text, limit=LONG, examples=10)
    found = broken(lax)
    assert found["malformed text is refused"].expected == "an error"
    assert found["text is read or refused as LinkedIn's server does"].source.startswith("decode")


def test_what_one_function_writes_the_other_has_to_read() -> None:
    report = check_codec(
        param_encode=restli.param_encode,
        param_decode=lambda text: restli.param_decode(text.replace("a", "b")),
        limit=LONG,
        examples=15,
    )
    assert "a" in broken(report)["param_decode gives back what it wrote"].input


# -- functions with habits ---------------------------------------------------------------------------------------------


def of_query(function: Callable[[dict[str, Any]], Any], **options: Any) -> Report:
    options = {"limit": LONG, "examples": 10, **options}
    return check_codec(param_encode=function, **options)


def test_a_function_that_changes_its_argument_is_named_for_that_alone() -> None:
    def encode(params: dict[str, Any]) -> str:
        text = restli.param_encode(params)
        params.clear()
        return text

    assert [*broken(of_query(encode))] == ["the value is left as it was"]


@pytest.mark.parametrize("of_chance", [True, False], ids=["by chance", "by what it was asked before"])
def test_a_function_that_gives_now_this_and_now_that_is_named(of_chance: bool) -> None:
    calls = count()
    dice = random.Random(5)

    def encode(params: dict[str, Any]) -> str:
        odd = dice.random() < 0.5 if of_chance else next(calls) % 2
        return restli.param_encode(params) + "#" * int(odd)

    assert [*broken(of_query(encode))] == ["the same value gives the same text again"]


def test_a_decoder_that_hands_out_one_value_twice_is_named() -> None:
    report = check_codec(param_decode=lru_cache(None)(restli.param_decode), limit=LONG, examples=20)
    assert [*broken(report)] == ["the same text gives the same value again, whatever was done to the first"]


class Members(dict[str, Any]):
    """A dict of a decoder's own."""


def test_a_decoder_may_have_a_dict_of_its_own() -> None:
    report = check_codec(param_decode=lambda text: Members(restli.param_decode(text)), limit=LONG, examples=10)
    assert not report, str(report)


def test_a_function_finds_the_context_of_its_caller() -> None:
    setting: ContextVar[bool] = ContextVar("setting")

    def encode(params: dict[str, Any]) -> str:
        assert setting.get()
        return restli.param_encode(params)

    token = setting.set(True)
    try:
        report = of_query(encode, examples=3)
    finally:
        setting.reset(token)
    assert not report, str(report)


class Text(str):
    """Text with ideas of its own, which a server will never see."""

    __slots__ = ()

    def __str__(self) -> str:
        return "?"

    def isascii(self) -> bool:
        return False


def test_what_a_function_prints_and_warns_of_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    def encode(params: dict[str, Any]) -> str:
        sys.stdout.write("printed")
        warnings.warn("a warning", UserWarning, stacklevel=1)
        return Text(restli.param_encode(params))

    report = of_query(encode)
    assert not report, str(report)
    # In the copy of the process nothing is printed.
    calls = sum(result.tried * (2 if "again" in result.law else 1) for result in report.results)
    assert capsys.readouterr().out.count("printed") == calls


async def later(params: dict[str, Any]) -> str:
    return restli.param_encode(params)


def later_after_all(params: dict[str, Any]) -> Any:
    return later(params)


class Unshowable:
    def __repr__(self) -> str:
        raise ValueError


class UnshowableError(Exception):
    def __str__(self) -> str:
        raise ValueError


def raising(error: BaseException) -> Callable[[Any], Any]:
    def function(_value: Any) -> Any:
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "got"),
    [
        (lambda params: None, "None: it is NoneType, and not text"),
        (lambda params: b"a=b", "b'a=b': it is bytes, and not text"),
        (later_after_all, "<coroutine object later>: it is coroutine, and not text"),
        (lambda params: Unshowable(), "<Unshowable, whose repr raises ValueError>: it is Unshowable, and not text"),
        (lambda params: "\ud800\n", r"'\ud800\n': a URL cannot carry it"),
        (raising(ValueError("\ud800\n\x1b[31m")), r"ValueError: \ud800\n\x1b[31m"),
        (raising(UnshowableError()), "UnshowableError: ?"),
        (raising(SystemExit(1)), "it raised SystemExit"),
        (raising(KeyboardInterrupt()), "it raised KeyboardInterrupt"),
    ],
    ids=["None", "bytes", "coroutine", "no repr", "surrogate", "message", "no message", "exit", "interrupt"],
)
def test_what_is_not_text_is_shown(function: Callable[[Any], Any], got: str) -> None:
    report = of_query(function, examples=2)
    assert broken(report)["a server reads the parameters"].got == got
    assert str(report).isascii()
    assert json.loads(report.to_json())["results"][0]["finding"]["got"] == got


# -- functions that do not come back -----------------------------------------------------------------------------------


def spin(text: str) -> None:
    while True:
        pass


def swallow(text: str) -> None:
    while True:
        with suppress(BaseException):
            spin(text)


def backtrack(text: str) -> None:
    re.match(r"(a+)+$", "a" * 60 + "b")  # holds the interpreter for longer than a life


def leave(text: str) -> Any:
    os._exit(3)


ENDLESS = {"a loop": spin, "a loop that catches everything": swallow, "a regular expression": backtrack}


@pytest.mark.skipif(not CAN_COPY, reason="there is no copy of the process here that could be killed")
@pytest.mark.parametrize("hang", ENDLESS.values(), ids=ENDLESS)
def test_a_function_that_is_busy_for_ever_is_named_and_leaves_nothing_behind(hang: Callable[[str], Any]) -> None:
    def decode(text: str) -> Any:
        return hang(text) if "(" in text else restli.param_decode(text)

    report = check_codec(param_decode=decode, limit=QUICK, examples=3)
    assert broken(report)["deep text does not exhaust the stack"].got == f"no result after {QUICK} s"
    assert not [thread for thread in threading.enumerate() if thread.name == "codec_check"]


@pytest.mark.skipif(not CAN_COPY, reason="there is no copy of the process here that could end")
def test_a_function_that_ends_the_process_is_named() -> None:
    report = check_codec(param_decode=lambda text: leave(text) if text == "p=(a:b,c)" else {}, limit=LONG, examples=2)
    finding = broken(report)["text with one mark too few or too many comes to an end"]
    assert finding.input == "'p=(a:b,c)'"
    assert finding.got == "it ended the process, with exit code 3"


def test_a_function_that_waits_and_does_not_let_itself_be_ended_ends_the_run() -> None:
    release = threading.Event()

    def decode(text: str) -> Any:
        if "(" in text:
            release.wait()  # in C, where no exception arrives
        return restli.param_decode(text)

    report = check_codec(param_decode=decode, limit=QUICK, examples=20)
    release.set()
    last: LawResult = report.findings[-1]
    assert last.finding is not None
    # On a busy machine another call, of a shorter text, may be late, too, and so be the one that is shown.
    assert last.finding.got in {
        f"no result after {QUICK * 3:g} s, and it cannot be ended",
        f"no result after {QUICK:g} s",
    }
    rest = report.results[report.results.index(last) + 1 :]
    assert {result.tried for result in rest} == {0}
    assert all(result.tried for result in report.results[: -len(rest)])
    assert len(report.results) == len(check_codec(param_decode=restli.param_decode, examples=1).results)


def test_a_function_that_needs_a_thread_of_this_process_is_none_that_hangs() -> None:
    asked, answered = threading.Semaphore(0), threading.Semaphore(0)
    box: list[Any] = []

    def answer() -> None:
        while True:
            asked.acquire()
            if not box:
                return
            box.append(restli.param_encode(box.pop()))
            answered.release()

    def encode(params: dict[str, Any]) -> str:
        box.append(params)
        asked.release()
        answered.acquire()
        text: str = box.pop()
        return text

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        report = of_query(encode, examples=5, limit=1)
    finally:
        box.clear()
        asked.release()
        thread.join()
    assert not report, str(report)


# -- reports and arguments ---------------------------------------------------------------------------------------------


def test_what_is_broken_is_logged_as_one_record(caplog: pytest.LogCaptureFixture) -> None:
    report = of_query(lambda params: "", examples=5)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.WARNING, str(report))]


def test_the_report_is_json_too() -> None:
    report = of_query(lambda params: "", examples=5)
    document = json.loads(report.to_json())
    assert document["broken"] == len(report.findings) > 0
    assert [entry["function"] for entry in document["results"]] == ["param_encode"] * len(report.results)
    assert document["results"][0]["finding"].keys() == {"input", "expected", "got", "source"}


def test_two_runs_find_the_same() -> None:
    first, second = (of_query(urlencode, seed=7, examples=5) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "encode: give at least one function to check, such as encode=my_encode"),
        ({"decode": "text"}, "decode: give the function itself, and not str"),
        ({"param_encode": later}, "param_encode: is a coroutine function; give one that returns its result: lambda"),
        *[
            ({"encode": str, "limit": limit}, "limit: give the seconds that one call may take, from above 0 to 3600")
            for limit in (0, -1, float("nan"), float("inf"), "2", True, None)
        ],
        *[({"encode": str, "examples": number}, "examples: give the number") for number in (0, -1, 1.5, True, "9")],
        *[({"encode": str, "seed": number}, "seed: give a whole number") for number in (1.5, None, "9")],
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidCallError, match=f"^{re.escape(message)}"):
        check_codec(**arguments)


def test_without_hypothesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("restli_transports.testing.codec_check")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ImportError, match=r'pip install "restli-core\[testing\]"'):
        import_module("restli_transports.testing.codec_check")
