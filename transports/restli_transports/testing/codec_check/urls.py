"""The laws of a function that builds URLs: a server must find the keys and the parameters in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import unquote, urlsplit

from hypothesis.strategies import tuples

from restli_core.encoding import decode
from restli_core.errors import DecodeError
from restli_core.messages import HttpRequest
from restli_core.server import Refusal, read
from restli_transports.testing.codec_check.law import Input, Law, cases, fresh, show, text_of
from restli_transports.testing.codec_check.writing import is_apart
from restli_transports.testing.strategies import paths, queries
from restli_transports.testing.vectors import untagged

__all__ = ["url_laws"]

# A resource path with placeholders, its keys, the parameters -> a URL.
_BuildUrl: TypeAlias = Callable[[str, dict[str, Any], dict[str, Any]], Any]

_GRAMMAR: Final = 'path = 1*("/" (name / key)); a key is an element'
_NO_SEGMENTS: Final = frozenset({"", ".", ".."})  # texts that no segment of a URL's path can have


def url_laws() -> Iterator[Law]:
    """List the laws of ``build_url``."""
    asked = tuples(paths(), queries())
    yield Law("build_url", "a server reads the keys and the parameters", asked, _expect, _check, _GRAMMAR)
    sentence = "keys are to a server what LinkedIn's client writes"
    yield Law("build_url", sentence, _cases, _expect_case, _check_case, _GRAMMAR)
    yield Law("build_url", "the keys and the parameters are left as they were", asked, show, _is_left, _GRAMMAR)
    sentence = "the same keys and parameters give the same URL again"
    yield Law("build_url", sentence, asked, lambda _: "one URL, however often it is built", _is_repeated, _GRAMMAR)


def _meant_keys(path_keys: Mapping[str, Any]) -> dict[str, Any]:
    return {name: key if isinstance(key, dict) else str(key) for name, key in path_keys.items()}


def _expect(asked: Any) -> str:
    (_, path_keys), params = asked
    return f"a server reads the keys {show(_meant_keys(path_keys))} and the parameters {show(params)}"


def _check(build_url: _BuildUrl, asked: Any) -> str | None:
    (resource_path, path_keys), params = asked
    url = build_url(resource_path, fresh(path_keys), fresh(params))
    declaration = resource_path
    for name, key in path_keys.items():
        if isinstance(key, dict):
            declaration = declaration.replace(f"{{{name}}}", f"{{{name}:complex}}")
    try:
        parts = urlsplit(text_of(url))
        target = "/".join(["", *_segments(parts.path, resource_path)]) + (f"?{parts.query}" if parts.query else "")
        headers = {"X-RestLi-Protocol-Version": "2.0.0", "X-RestLi-Method": "get"}
        invocation = read(HttpRequest("GET", target, headers), [declaration])
    except (ValueError, Refusal) as error:
        return f"{show(url)}: {error}"
    found = (dict(invocation.path_keys), dict(invocation.params))
    return None if found == (_meant_keys(path_keys), params) else f"{show(url)}, in which it reads {show(found)}"


def _segments(path: str, resource_path: str) -> list[str]:
    """Return a path's segments from the resource's first on, without those of a base URL such as ``/rest``."""
    segments = path.split("/")[1:]
    name = resource_path.split("/")[1]
    return segments[segments.index(name) :] if name in segments else segments


# -- vectors -----------------------------------------------------------------------------------------------------------


def _cases() -> Iterator[Input]:
    for one in cases("path_template", "keys"):
        given = one.value["in"]
        keys = untagged(given["keys"])
        if keys and not is_apart(keys) and _NO_SEGMENTS.isdisjoint(_texts(keys)):
            yield Input((f"/{given['template']}", keys, one.value["ok"]), one.shown, one.source)
    for one in cases("key_in_uri", "key"):
        given = one.value["in"]
        key = untagged(given["key"])
        if not is_apart(key) and _NO_SEGMENTS.isdisjoint(_texts({"k": key})):
            if "params" in given:
                key = {**key, "$params": untagged(given["params"])}
            segment = one.value["ok"].removeprefix(given["base"]).removeprefix("/")
            yield Input(("/r/{k}", {"k": key}, f"r/{segment}"), one.shown, one.source)


def _texts(keys: Mapping[str, Any]) -> set[str]:
    return {key for key in keys.values() if isinstance(key, str)}


def _expect_case(case: Any) -> str:
    return f"to a server what {show(case[2])} is"


def _check_case(build_url: _BuildUrl, case: Any) -> str | None:
    resource_path, path_keys, written = case
    url = build_url(resource_path, fresh(path_keys), {})
    try:
        path = urlsplit(text_of(url)).path
    except ValueError as error:
        return f"{show(url)}: {error}"
    meant = [*map(_meaning, written.split("/"))]
    found = [*map(_meaning, _segments(path, resource_path))]
    return None if found == meant else f"{show(url)}, in which it reads {show(found)}"


def _meaning(segment: str) -> Any:
    try:
        return decode(segment)
    except DecodeError:
        return unquote(segment)


# -- how it is built ---------------------------------------------------------------------------------------------------


def _is_left(build_url: _BuildUrl, asked: Any) -> str | None:
    (resource_path, path_keys), params = asked
    given = fresh(path_keys), fresh(params)
    build_url(resource_path, *given)
    return None if given == (path_keys, params) else f"they became {show(given)}"


def _is_repeated(build_url: _BuildUrl, asked: Any) -> str | None:
    (resource_path, path_keys), params = asked
    first, second = (build_url(resource_path, fresh(path_keys), fresh(params)) for _ in range(2))
    return None if first == second else f"{show(first)}, then {show(second)}"
