"""The laws of functions that write: a server must read what was meant in what they write."""

from __future__ import annotations

import copy
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from hypothesis.strategies import SearchStrategy, dictionaries, lists, sampled_from
from hypothesis.strategies import text as drawn_text

from restli_core.encoding import param_decode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.errors import DecodeError
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
    text_of,
)
from restli_transports.testing.strategies import queries, values
from restli_transports.testing.vectors import untagged

__all__ = ["ASPECTS", "LONG", "deep_values", "is_apart", "read_query", "read_value", "write_laws"]

Function: TypeAlias = Callable[[Any], Any]

LEVELS: Final = 2000
LONG: Final = 20_000
DEPTH_RULE: Final = f"{GRAMMAR}: elements in elements, to any depth"
LENGTH_RULE: Final = "a tunnelled batch has its ids in the body, thousands of them"


# -- servers -----------------------------------------------------------------------------------------------------------


def _sent(text: str) -> str:
    """Return what arrives of a text that stands in a URL."""
    if not text.isascii() or any(mark <= " " or mark == "\x7f" for mark in text):
        raise ValueError("a URL cannot carry it")
    return text.partition("#")[0]


def read_value(text: str) -> Any:
    """Return the value of ``v`` as a server reads it, where the text stands in a URL after ``?v=``."""
    params = param_decode(f"v={_sent(text)}")
    if params.keys() != {"v"}:
        raise ValueError(f"a server reads the parameters {', '.join(map(show, sorted(params)))} in it")
    return params["v"]


def read_query(text: str) -> Any:
    """Return the parameters as a server reads them, where the text stands in a URL after the question mark."""
    return param_decode(_sent(text))


def _fault(server: Function, result: Any, is_right: Callable[[Any], bool]) -> str | None:
    """Return what is wrong with a function's result, by what a server reads in it."""
    try:
        found = server(text_of(result))
    except ValueError as error:  # DecodeError is one
        reason = error.reason if isinstance(error, DecodeError) else str(error)
        return f"{show(result)}: {reason}"
    return None if is_right(found) else f"{show(result)}, which a server reads as {show(found)}"


# -- what is written ---------------------------------------------------------------------------------------------------

# One fault must not hide another: each aspect of text is tried alone, then all of them in values of any shape.
ASPECTS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "the empty text": sampled_from(["", [""], {"a": ""}, {"": "a"}]).map(copy.deepcopy),
    "text with marks of the grammar": drawn_text("(),:'ab", min_size=1, max_size=6),
    "text that looks like a value": sampled_from(["List(a)", "(a:b)", "List()", "()", "''", "List"]),
    "text with percent signs": drawn_text("%27CaF", min_size=1, max_size=6),
    "text with what a URL gives a meaning": drawn_text("&=+#/?; a", min_size=1, max_size=6),
    "text beyond ASCII": drawn_text("\x80\xe9\u20ac\uffff\U00010000\U0001f600a", min_size=1, max_size=4),
    "lists": lists(drawn_text("ab", min_size=1, max_size=2), max_size=3) | sampled_from([[[]], [["a"], ["b", "c"]]]),
    "dicts": dictionaries(drawn_text("ab", min_size=1, max_size=2), drawn_text("ab", min_size=1), max_size=3),
    "names of dicts with marks of the grammar": dictionaries(
        drawn_text("(),:'%a", min_size=1, max_size=4), sampled_from(["a"]), min_size=1, max_size=2
    ),
    "values of any shape": values(),
}

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "text, lists and dicts": (str, list, dict),
    "booleans": (bool,),
    "integers": (int,),
    "floats": (float,),
    "bytes": (bytes,),
}


def write_laws(function: str, server: Function, ours: Function, vectors: str, member: str) -> Iterator[Law]:
    """List the laws of a function that writes.

    Args:
        function: its name.
        server: reads what it writes, as a server does.
        ours: our own function of this kind, for what a report expects.
        vectors: the file of vectors that has what LinkedIn's client writes.
        member: where the value stands there: ``"value"``, or ``"params"`` for a dict of parameters.
    """
    of_query = member == "params"
    source = QUERY_GRAMMAR if of_query else GRAMMAR
    written: Mapping[str, SearchStrategy[Any]] = {"the parameters": queries()} if of_query else ASPECTS

    def expect(value: Any) -> str:
        return f"{show(value)} to a server, as {show(ours(value))} is"

    def check(write: Function, value: Any) -> str | None:
        return _fault(server, write(fresh(value)), lambda found: bool(found == value))

    def expect_case(case: Any) -> str:
        return f"to a server what {show(case['ok'])} is"

    def check_case(write: Function, case: Any) -> str | None:
        meant = server(case["ok"])
        given = case["in"][member]
        return _fault(server, write(untagged(given)), lambda found: _alike(given, found, meant))

    for words, strategy in written.items():
        yield Law(function, f"a server reads {words}", strategy, expect, check, source)
    for words, kinds in _KINDS.items():
        if of_query and not {str, bool, int}.intersection(kinds):
            continue  # no query among the vectors has these
        inputs = partial(_cases_of, vectors, member, kinds)
        yield Law(
            function, f"{words} are to a server what LinkedIn's client writes", inputs, expect_case, check_case, vectors
        )
    if not of_query:
        yield _law_of_characters(function, server)
    any_value = queries() if of_query else values()
    yield Law(function, "the value is left as it was", any_value, show, _is_left, source)
    yield Law(function, "the same value gives the same text again", any_value, _same_text, _is_repeated, source)
    deep, long = partial(deep_values, in_query=of_query), partial(_long_values, in_query=of_query)
    yield Law(function, "deep values do not exhaust the stack", deep, any_end, end, source)
    yield Law(function, "long values take no more than their share of time", long, any_end, end, source)


def _law_of_characters(function: str, server: Function) -> Law:
    def inputs() -> Iterator[Input]:
        return (Input(untagged(one.value["in"]["s"]), one.shown, one.source) for one in cases("uri_encode_table", "s"))

    def check(write: Function, mark: Any) -> str | None:
        return _fault(server, write(mark), lambda found: bool(found == mark))

    return Law(function, "every character is read as itself", inputs, show, check, GRAMMAR)


def _cases_of(name: str, member: str, kinds: tuple[type, ...]) -> Iterator[Input]:
    """List the cases of a file whose scalars are of these types, and only these."""
    for case in cases(name, member):
        given = untagged(case.value["in"][member])
        if "ok" in case.value and not is_apart(given):
            scalars = {type(item) for item in _scalars(given)}
            # A list of numbers is a case of numbers, a list of several kinds one of text, lists and dicts.
            if (scalars or {str}) == {*kinds} or (str in kinds and len(scalars) != 1) or scalars <= {str} <= {*kinds}:
                yield case


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    else:
        yield value


def is_apart(value: Any) -> bool:
    """Return whether a value is no example: null and half a surrogate pair change on their way, masks are texts."""
    if isinstance(value, dict):
        return not PROJECTIONS.isdisjoint(value) or any(map(is_apart, [*value, *value.values()]))
    if isinstance(value, list):
        return any(map(is_apart, value))
    return value is None or (isinstance(value, str) and any("\ud800" <= mark <= "\udfff" for mark in value))


def _alike(tagged: Any, found: Any, meant: Any) -> bool:
    """Return whether two readings of a case's value agree: texts to the letter, those of floats as the same number."""
    if isinstance(tagged, dict) and set(tagged) == {"$t", "v"} and tagged["$t"] in {"float", "double"}:
        # Many languages have no 32-bit float, so that they send more digits than matter.
        return _same_number("f" if tagged["$t"] == "float" else "d", found, meant)
    if isinstance(tagged, float):
        return _same_number("d", found, meant)
    if isinstance(tagged, dict) and isinstance(found, dict) and isinstance(meant, dict):
        return found.keys() == meant.keys() and all(_alike(tagged.get(key), found[key], meant[key]) for key in meant)
    if isinstance(tagged, list) and isinstance(found, list) and len(found) == len(tagged) == len(meant):
        return all(map(_alike, tagged, found, meant))
    return bool(found == meant)


def _same_number(layout: str, found: Any, meant: Any) -> bool:
    try:
        return _packed(layout, float(found)) == _packed(layout, float(meant))
    except (OverflowError, ValueError, TypeError):
        return bool(found == meant)


def _packed(layout: str, number: float) -> bytes:
    try:
        return struct.pack(f"<{layout}", number)
    except OverflowError:  # to whoever has 32 bits for it, it is infinite
        return struct.pack(f"<{layout}", math.copysign(math.inf, number))


# -- how it is written -------------------------------------------------------------------------------------------------


def _is_left(write: Function, value: Any) -> str | None:
    given = fresh(value)
    write(given)
    return None if given == value else f"it became {show(given)}"


def _same_text(_value: Any) -> str:
    return "one text, however often it is written"


def _is_repeated(write: Function, value: Any) -> str | None:
    first, second = write(fresh(value)), write(fresh(value))
    return None if first == second else f"{show(first)}, then {show(second)}"


def deep_values(*, in_query: bool = False) -> Iterator[Input]:
    """List values that are nested deeper than Python's stack is high."""
    for name, around in (("lists", lambda value: [value]), ("dicts", lambda value: {"a": value})):
        deep: Any = ""
        for _ in range(LEVELS):
            deep = around(deep)
        yield Input({"p": deep} if in_query else deep, f"{LEVELS} {name} in one another", DEPTH_RULE)


def _long_values(*, in_query: bool) -> Iterator[Input]:
    for value, shown in (
        (["urn:li:person:1"] * LONG, f"['urn:li:person:1'] * {LONG}"),
        ("(a,b:c)%'" * LONG, f'"(a,b:c)%\'" * {LONG}'),
    ):
        yield Input({"p": value} if in_query else value, shown, LENGTH_RULE)
