"""The laws of functions that read: they must read what clients write, refuse the rest, and come to an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from hypothesis.strategies import SearchStrategy, one_of

from restli_transports.testing.codec_check.law import (
    GRAMMAR,
    QUERY_GRAMMAR,
    Input,
    Law,
    any_end,
    cases,
    end,
    fresh,
    show,
)
from restli_transports.testing.codec_check.watch import Ended
from restli_transports.testing.codec_check.writing import ASPECTS, DEPTH_RULE, LENGTH_RULE, LEVELS, LONG
from restli_transports.testing.strategies import malformed_texts, queries, values
from restli_transports.testing.vectors import untagged

__all__ = ["pair_law", "read_laws"]

_Function: TypeAlias = Callable[[Any], Any]

# Values from which one mark is missing, or to which one was added.
_ONE_MARK_OFF: Final = (
    *("(a:b,c)", "(a:b,c:)", "(a:b,:c)", "(a:b,,c:d)", "(a:b,c:d", "a:b,c:d)", "(a:b:c)", "(a:b,(c:d))", "(a:(b,c))"),
    *("((a:b)", "List(a,b", "Lista,b)", "List(a,,b)", "List(a,b,)", "List(,a,b)", "List((a:b,c))", "List(List(a,b)"),
    *("(a:List(b,c)", "(a:List(b,(c)))", "List(a)b", "(a:b)c"),
)


def read_laws(function: str, writers: Mapping[str, _Function], vectors: tuple[str, ...], member: str) -> Iterator[Law]:
    """List the laws of a function that reads.

    Args:
        function: its name.
        writers: our own functions whose texts it has to read, by what they are for.
        vectors: the files of vectors that have what LinkedIn's server reads and refuses.
        member: where the text stands there: ``"s"``, or ``"q"`` for a query.
    """
    of_query = member == "q"
    source = QUERY_GRAMMAR if of_query else GRAMMAR
    aspects: Mapping[str, SearchStrategy[Any]] = {"the parameters": queries()} if of_query else ASPECTS
    for words, write in writers.items():
        for aspect, strategy in aspects.items():
            sentence = f"{aspect}, written {words}: read as written"
            yield Law(function, sentence, strategy, show, _reads_what(write), source)

    def check_case(read_text: _Function, case: Any) -> str | None:
        text = untagged(case["in"][member])
        if "ok" not in case:
            return _refuse(read_text, text)
        found = read_text(text)
        return None if found == untagged(case["ok"]) else show(found)

    def expect_case(case: Any) -> str:
        return show(untagged(case["ok"])) if "ok" in case else "an error, as LinkedIn's server has it"

    def all_cases() -> Iterator[Input]:
        return (case for name in vectors for case in cases(name, member))

    sentence = "text is read or refused as LinkedIn's server does"
    yield Law(function, sentence, all_cases, expect_case, check_case, vectors[0])
    if not of_query:
        yield Law(function, "malformed text is refused", malformed_texts(), lambda _: "an error", _refuse, source)
    before = "p=" if of_query else ""
    written = one_of([(queries() if of_query else values()).map(write) for write in writers.values()])
    sentence = "the same text gives the same value again, whatever was done to the first"
    yield Law(function, sentence, written, _same_value, _is_repeated, source)
    for sentence, inputs in (
        ("text with one mark too few or too many comes to an end", _one_mark_off),
        ("deep text does not exhaust the stack", _deep_texts),
        ("long text takes no more than its share of time", _long_texts),
    ):
        yield Law(function, sentence, partial(inputs, before), any_end, end, source)


def _reads_what(write: _Function) -> Callable[[_Function, Any], str | None]:
    def check(read_text: _Function, value: Any) -> str | None:
        text = write(value)
        found = read_text(text)
        return None if found == value else f"{show(found)}, from {show(text)}"

    return check


def _refuse(read_text: _Function, text: Any) -> str | None:
    try:
        found = read_text(text)
    except (Ended, RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - whatever error a decoder has for this
        return None
    return show(found)


def _same_value(_text: Any) -> str:
    return "one value, however often it is read"


def _is_repeated(read_text: _Function, text: Any) -> str | None:
    first = read_text(text)
    kept = fresh(first)
    if isinstance(first, list):
        first.append("a stray item")
    elif isinstance(first, dict):
        first["a stray name"] = ""
    second = read_text(text)
    return None if second == kept else f"{show(kept)}, then {show(second)}"


def _one_mark_off(before: str) -> Iterator[Input]:
    for text in _ONE_MARK_OFF:
        yield Input(before + text, show(before + text), GRAMMAR)


def _deep_texts(before: str) -> Iterator[Input]:
    for opening, closing in (("List(", ")"), ("(a:", ")"), ("List(", ""), ("(a:", "")):
        text = f"{before}{opening * LEVELS}x{closing * LEVELS}"
        yield Input(text, f"{opening!r} * {LEVELS} + 'x' + {closing!r} * {LEVELS}", DEPTH_RULE)


def _long_texts(before: str) -> Iterator[Input]:
    ids = ",".join(["urn%3Ali%3Aperson%3A1"] * LONG)
    yield Input(f"{before}List({ids})", f"a list of {LONG} URNs", LENGTH_RULE)
    members = ",".join([f"k{number}:(a:b)" for number in range(LONG)])
    yield Input(f"{before}({members})", f"a map of {LONG} maps", LENGTH_RULE)
    yield Input(before + "%2C" * LONG, f"'%2C' * {LONG}", LENGTH_RULE)


def pair_law(function: str, partner: str) -> Law:
    """Return the law of two functions that undo one another."""

    def check(write: _Function, value: Any, read_text: _Function) -> str | None:
        text = write(fresh(value))
        found = read_text(text)
        return None if found == value else f"{show(found)}, from {show(text)}"

    inputs = queries() if function.startswith("param") else values()
    return Law(function, f"{partner} gives back what it wrote", inputs, show, check, GRAMMAR, partner)
