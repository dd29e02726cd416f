"""The laws of a Rest.li codec: what each is tried on, what is expected, and what is wrong with a result.

    encode, reduced_encode, param_encode, build_query, build_url   a server must read what they write
    decode, reduced_decode, param_decode                           must read what clients write, and refuse the rest

That a server reads a text is decided by our decoders, which agree with LinkedIn's own on all vectors. How much a text
escapes is left to its writer.
"""

from __future__ import annotations

import copy
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from hypothesis.strategies import SearchStrategy, dictionaries, lists, sampled_from, tuples
from hypothesis.strategies import text as text_of

from restli_core.encoding import encode, param_decode, param_encode, reduced_decode, reduced_encode
from restli_core.encoding.queries import PROJECTIONS
from restli_core.errors import DecodeError
from restli_core.messages import HttpRequest
from restli_core.server import Refusal, read
from restli_core.values import Value
from restli_transports.testing.codec_check.watch import OverLimit
from restli_transports.testing.strategies import malformed_texts, paths, queries, values
from restli_transports.testing.vectors import load, untagged

__all__ = ["LAWS", "Input", "Law", "show"]


class Input(Value):
    """An input of a law that is not drawn, but stands in a list.

    Attributes:
        value: what the law is tried on.
        shown: what stands for it in a report.
        source: where it comes from.
    """

    value: Any
    shown: str
    source: str


class Law(Value):
    """A law of a function.

    Attributes:
        function: the function's name among the arguments of `check_codec`.
        sentence: the law.
        inputs: a strategy, or a function that lists inputs.
        expect: an input's value -> what is expected of it, for a report.
        check: calls functions, the first of which is the law's own, on an input's value; returns what is wrong with
            the result, or None. What a function raises may pass through: it is wrong.
        source: the rule behind it, for inputs that are drawn.
        partner: the name of a second function that `check` is given; None for most laws.
    """

    function: str
    sentence: str
    inputs: SearchStrategy[Any] | Callable[[], Iterator[Input]]
    expect: Callable[[Any], str]
    check: Callable[..., str | None]
    source: str
    partner: str | None = None


_Function: TypeAlias = Callable[[Any], Any]

_GRAMMAR: Final = 'element = "(" [name ":" element ...] ")" / "List(" [element ...] ")" / "\'\'" / 1*char'
_QUERY_GRAMMAR: Final = 'query = [name "=" element *("&" name "=" element)]'
_URL_GRAMMAR: Final = 'path = 1*("/" (name / key)); a key is an element'
MAX_SHOWN: Final = 200


def show(value: object) -> str:
    """Return a value as Python writes it, cut to a decent length."""
    try:
        text = repr(value)
    except RecursionError:
        return "a value that is nested too deep to show"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text)} characters)"


# -- writing -----------------------------------------------------------------------------------------------------------


def _from_a_query(text: Any) -> Any:
    """Return the value of ``v`` as a server reads it, where the text stands in a URL after ``?v=``."""
    if not isinstance(text, str) or not text.isascii() or any(mark <= " " or mark == "\x7f" for mark in text):
        raise ValueError("a URL cannot carry it")
    params = param_decode(f"v={text.partition('#')[0]}")
    if params.keys() != {"v"}:
        raise ValueError(f"a server reads the parameters {', '.join(sorted(params))} in it")
    return params["v"]


def _from_a_header(text: Any) -> Any:
    if not isinstance(text, str):
        raise ValueError("it is not text")  # noqa: TRY004 - it is a finding
    return reduced_decode(text)


def _from_a_url(text: Any) -> Any:
    if not isinstance(text, str):
        raise ValueError("it is not text")  # noqa: TRY004 - likewise
    return param_decode(text.partition("#")[0])


def _fault(server: _Function, text: Any, is_right: Callable[[Any], bool]) -> str | None:
    """Return what is wrong with a text, by what a server reads in it."""
    try:
        found = server(text)
    except ValueError as error:  # DecodeError is one
        reason = error.reason if isinstance(error, DecodeError) else str(error)
        return f"{show(text)}: {reason}"
    return None if is_right(found) else f"{show(text)}, which a server reads as {show(found)}"


# One fault must not hide another: each aspect of text is tried alone, then all of them in values of any shape.
_ASPECTS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "the empty text": sampled_from(["", [""], {"a": ""}, {"": "a"}]).map(copy.deepcopy),
    "text with marks of the grammar": text_of("(),:'ab", min_size=1, max_size=6),
    "text that looks like a value": sampled_from(["List(a)", "(a:b)", "List()", "()", "''", "List"]),
    "text with percent signs": text_of("%27CaF", min_size=1, max_size=6),
    "text with what a URL gives a meaning": text_of("&=+#/?; a", min_size=1, max_size=6),
    "text beyond ASCII": text_of("\x80\xe9\u20ac\uffff\U00010000\U0001f600a", min_size=1, max_size=4),
    "lists": lists(text_of("ab", min_size=1, max_size=2), max_size=3) | sampled_from([[[]], [["a"], ["b", "c"]]]),
    "dicts": dictionaries(text_of("ab", min_size=1, max_size=2), text_of("ab", min_size=1, max_size=2), max_size=3),
    "names of dicts with marks of the grammar": dictionaries(
        text_of("(),:'%a", min_size=1, max_size=4), sampled_from(["a"]), min_size=1, max_size=2
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


def _cases_of(name: str, member: str, kinds: tuple[type, ...]) -> Iterator[Input]:
    """List the cases of a file whose scalars are of these types, and only these."""
    for case in _cases(name, member):
        given = case.value["in"][member]
        if "ok" in case.value and not _is_apart(given):
            scalars = {type(item) for item in _scalars(untagged(given))}
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


def _write_laws(function: str, server: _Function, ours: _Function, vectors: str, member: str) -> Iterator[Law]:
    def expect(value: Any) -> str:
        return f"{show(value)} to a server, as {show(ours(value))} is"

    def check(write: _Function, value: Any) -> str | None:
        return _fault(server, write(value), lambda found: bool(found == value))

    def expect_case(case: Any) -> str:
        return f"to a server what {show(case['ok'])} is"

    def check_case(write: _Function, case: Any) -> str | None:
        meant = server(case["ok"])
        return _fault(
            server, write(untagged(case["in"][member])), lambda found: _alike(case["in"][member], found, meant)
        )

    if member == "value":
        for words, strategy in _ASPECTS.items():
            yield Law(function, f"a server reads {words}", strategy, expect, check, _GRAMMAR)
    else:
        yield Law(function, "a server reads the parameters", queries(), expect, check, _QUERY_GRAMMAR)
    for words, kinds in _KINDS.items():
        if member == "params" and not {str, bool, int}.intersection(kinds):
            continue  # no query among the vectors has these
        cases = partial(_cases_of, vectors, member, kinds)
        yield Law(
            function, f"{words} are to a server what LinkedIn's client writes", cases, expect_case, check_case, vectors
        )
    if member == "value":
        yield Law(function, "deep values do not exhaust the stack", _deep_values, _any_end, _end, _GRAMMAR)
        yield Law(function, "long values take no more than their share of time", _long_values, _any_end, _end, _GRAMMAR)


def _is_apart(value: Any) -> bool:
    """Whether a case is no example: null and half a surrogate pair change on their way, and masks are not values."""
    if isinstance(value, dict):
        return (
            value.get("$t") == "utf16"
            or not PROJECTIONS.isdisjoint(value)
            or any(map(_is_apart, [*value, *value.values()]))
        )
    if isinstance(value, list):
        return any(map(_is_apart, value))
    return value is None


def _alike(tagged: Any, found: Any, meant: Any) -> bool:
    """Whether two readings of a case's value agree: texts to the letter, those of floats as the same number."""
    if isinstance(tagged, dict) and set(tagged) == {"$t", "v"} and tagged["$t"] in {"float", "double"}:
        # Many languages have no 32-bit float, so that they send more digits than matter.
        return _same_number("f" if tagged["$t"] == "float" else "d", found, meant)
    if isinstance(tagged, dict) and isinstance(found, dict) and isinstance(meant, dict):
        return found.keys() == meant.keys() and all(_alike(tagged.get(key), found[key], meant[key]) for key in meant)
    if isinstance(tagged, list) and isinstance(found, list) and len(found) == len(tagged) == len(meant):
        return all(map(_alike, tagged, found, meant))
    return bool(found == meant)


def _same_number(layout: str, found: Any, meant: Any) -> bool:
    try:
        return struct.pack(layout, float(found)) == struct.pack(layout, float(meant))
    except (OverflowError, ValueError, TypeError):
        return bool(found == meant)


# -- reading -----------------------------------------------------------------------------------------------------------


def _read_laws(function: str, writers: Mapping[str, _Function], vectors: tuple[str, ...], member: str) -> Iterator[Law]:
    source = _QUERY_GRAMMAR if member == "q" else _GRAMMAR
    aspects = {"parameters": queries()} if member == "q" else _ASPECTS
    for words, write in writers.items():
        for aspect, strategy in aspects.items():
            yield Law(
                function, f"{aspect}, written {words}: read as written", strategy, show, _reads_what(write), source
            )

    def check_case(read_text: _Function, case: Any) -> str | None:
        if "ok" not in case:
            return _refuse(read_text, case["in"][member])
        found = read_text(case["in"][member])
        return None if found == case["ok"] else show(found)

    def expect_case(case: Any) -> str:
        return show(case["ok"]) if "ok" in case else "an error, as LinkedIn's server has it"

    def cases() -> Iterator[Input]:
        return (case for name in vectors for case in _cases(name, member))

    yield Law(function, "text is read or refused as LinkedIn's server does", cases, expect_case, check_case, vectors[0])
    if member == "s":
        yield Law(function, "malformed text is refused", malformed_texts(), lambda _: "an error", _refuse, source)
        yield Law(function, "deep text does not exhaust the stack", _deep_texts, _any_end, _end, source)
        yield Law(function, "long text takes no more than its share of time", _long_texts, _any_end, _end, source)


def _reads_what(write: _Function) -> Callable[[_Function, Any], str | None]:
    def check(read_text: _Function, value: Any) -> str | None:
        text = write(value)
        found = read_text(text)
        return None if found == value else f"{show(found)}, from {show(text)}"

    return check


def _refuse(function: _Function, text: Any) -> str | None:
    try:
        found = function(text)
    except (OverLimit, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - whatever error a decoder has for this
        return None
    return show(found)


def _cases(name: str, member: str) -> Iterator[Input]:
    for index, case in enumerate(load(name)):
        yield Input(case, show(untagged(case["in"][member])), f"{name}.json, case {index}")


# -- both ways, and large ----------------------------------------------------------------------------------------------


def _pair_law(function: str, partner: str) -> Law:
    def check(write: _Function, value: Any, read_text: _Function) -> str | None:
        text = write(value)
        found = read_text(text)
        return None if found == value else f"{show(found)}, from {show(text)}"

    return Law(function, f"{partner} gives back what it wrote", values(), show, check, _GRAMMAR, partner)


def _end(function: _Function, value: Any) -> str | None:
    """Any result is right here, and any error but those which mean that the function did not end by itself."""
    try:
        function(value)
    except (OverLimit, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - an error is an end, too
        return None
    return None


def _any_end(_value: Any) -> str:
    return "a result, or an error of the function's own"


_LEVELS: Final = 2000
_ITEMS: Final = 20_000
_DEPTH_RULE: Final = f"{_GRAMMAR}: elements in elements, to any depth"
_LENGTH_RULE: Final = "a tunnelled batch has its ids in the body, thousands of them"


def _deep_values() -> Iterator[Input]:
    for name, around in (("lists", lambda value: [value]), ("dicts", lambda value: {"a": value})):
        deep: Any = ""
        for _ in range(_LEVELS):
            deep = around(deep)
        yield Input(deep, f"{_LEVELS} {name} in one another", _DEPTH_RULE)


def _deep_texts() -> Iterator[Input]:
    for opening, closing in (("List(", ")"), ("(a:", ")"), ("List(", ""), ("(a:", "")):
        text = f"{opening * _LEVELS}x{closing * _LEVELS}"
        yield Input(text, f"{opening!r} * {_LEVELS} + 'x' + {closing!r} * {_LEVELS}", _DEPTH_RULE)


def _long_values() -> Iterator[Input]:
    yield Input(["urn:li:person:1"] * _ITEMS, f"['urn:li:person:1'] * {_ITEMS}", _LENGTH_RULE)
    yield Input("(a,b:c)%'" * _ITEMS, f'"(a,b:c)%\'" * {_ITEMS}', _LENGTH_RULE)


def _long_texts() -> Iterator[Input]:
    ids = ",".join(["urn%3Ali%3Aperson%3A1"] * _ITEMS)
    yield Input(f"List({ids})", f"a list of {_ITEMS} URNs", _LENGTH_RULE)
    members = ",".join([f"k{number}:(a:b)" for number in range(_ITEMS)])
    yield Input(f"({members})", f"a map of {_ITEMS} maps", _LENGTH_RULE)
    yield Input("%2C" * _ITEMS, f"'%2C' * {_ITEMS}", _LENGTH_RULE)


# -- URLs --------------------------------------------------------------------------------------------------------------


def _meant_keys(path_keys: Mapping[str, Any]) -> dict[str, Any]:
    return {name: key if isinstance(key, dict) else str(key) for name, key in path_keys.items()}


def _expect_url(asked: Any) -> str:
    (_, path_keys), params = asked
    return f"a server reads the keys {show(_meant_keys(path_keys))} and the parameters {show(params)}"


def _check_url(build_url: Callable[[Any], Any], asked: Any) -> str | None:
    (resource_path, path_keys), params = asked
    url = build_url(asked)
    declaration = resource_path
    for name, key in path_keys.items():
        if isinstance(key, dict):
            declaration = declaration.replace(f"{{{name}}}", f"{{{name}:complex}}")
    try:
        parts = urlsplit(str(url))
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"X-RestLi-Protocol-Version": "2.0.0", "X-RestLi-Method": "get"}
        invocation = read(HttpRequest("GET", target, headers), [declaration])
    except (ValueError, Refusal) as error:
        return f"{show(url)}: {error}"
    found = (dict(invocation.path_keys), dict(invocation.params))
    return None if found == (_meant_keys(path_keys), params) else f"{show(url)}, in which it reads {show(found)}"


_URL_LAW: Final = Law(
    "build_url",
    "a server reads the keys and the parameters",
    tuples(paths(), queries()),
    _expect_url,
    _check_url,
    _URL_GRAMMAR,
)

_WRITTEN: Final = {"for a URL": encode, "for a header": reduced_encode}

LAWS: Final[tuple[Law, ...]] = (
    *_write_laws("encode", _from_a_query, encode, "encode_query", "value"),
    *_read_laws("decode", _WRITTEN, ("decode", "decode_fuzz"), "s"),
    _pair_law("encode", "decode"),
    *_write_laws("reduced_encode", _from_a_header, reduced_encode, "encode_header", "value"),
    *_read_laws("reduced_decode", _WRITTEN, ("decode", "decode_fuzz"), "s"),
    _pair_law("reduced_encode", "reduced_decode"),
    *_write_laws("param_encode", _from_a_url, param_encode, "query_string", "params"),
    *_read_laws("param_decode", {"for a URL": param_encode}, ("decode_query", "decode_query_fuzz"), "q"),
    *_write_laws("build_query", _from_a_url, param_encode, "query_string", "params"),
    _URL_LAW,
)
