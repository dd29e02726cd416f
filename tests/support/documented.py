"""What a documented request means, judged without restli_core: two requests with equal meanings ask for the same.

`meaning` reads a message in the form of protocol 2.0.0 by the independent codec. Documentation also prints requests in
other forms: `as_protocol_1` reads that of protocol 1.0, `as_protocol_2` a URL whose URNs stand there unescaped.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.support.independent_codec import read, read_key, read_query

if TYPE_CHECKING:
    from collections.abc import Mapping

DECORATION = "projection"
"""A parameter whose value is not Rest.li's: it is compared as text."""


def meaning(method: str, url: str, headers: Mapping[str, str], body: bytes | str) -> dict[str, Any]:
    """Return what a request asks for, as plain values: the verb, where to, the parameters, the body and the headers.

    Whether it is tunnelled belongs to it: where a tunnel is documented, it is what is documented.
    """
    named = {name.lower(): value for name, value in headers.items()}
    text = body if isinstance(body, str) else body.decode("utf-8")
    base, path, query = parts(url)
    override = named.pop("x-http-method-override", None)
    if override is not None:  # tunnelled: the query is the body of a form
        form = named.pop("content-type")
        if (method, query, form) != ("POST", "", "application/x-www-form-urlencoded"):
            raise AssertionError(f"not tunnelled as documented: {method} {form}, query {query!r}")
        method, query, text = override, text, ""
    if text:
        content_type = named.pop("content-type")
        if content_type != "application/json":
            raise AssertionError(f"a body of {content_type}")
    return {
        "verb": method,
        "tunnelled": override is not None,
        "base": base,
        "path": [segment(one) for one in path],
        "query": parameters(query),
        "body": document(text) if text else None,
        "headers": named,
    }


def documented_meaning(case: Mapping[str, Any], *, url: str | None = None) -> dict[str, Any]:
    """Return what the request of a case of `documented_calls` asks for; with another URL, such as the printed one."""
    request = case["ok"]
    return meaning(request["method"], request["uri"] if url is None else url, request["headers"], request["body"])


def parts(url: str) -> tuple[str, list[str], str]:
    """Return scheme and host, the segments of the path, and the query, as they stand."""
    address, _, query = url.partition("?")
    found = re.fullmatch(r"(\w+://[^/]+)/(.*)", address)
    if found is None:
        raise AssertionError(f"not a URL: {url}")
    return found[1], found[2].split("/"), query


def segment(text: str) -> Any:
    """Return a segment of a path: a key of several parts, or text."""
    return read(text) if text.startswith("(") else read_key(text)


def parameters(query: str) -> dict[str, Any]:
    """Return the parameters of a query by their names."""
    pieces = query.split("&") if query else []
    apart = [piece.partition("=")[2] for piece in pieces if piece.startswith(f"{DECORATION}=")]
    if len(apart) > 1:
        raise AssertionError(f"{DECORATION} comes {len(apart)} times in {query!r}")
    found: dict[str, Any] = read_query("&".join(piece for piece in pieces if not piece.startswith(f"{DECORATION}=")))
    for text in apart:
        found[DECORATION] = read_key(text)
    return found


def document(text: str) -> Any:
    """Return a body, in which the names below `entities` are keys: those of several parts are read as such."""
    found = json.loads(text, object_pairs_hook=members)
    if isinstance(found, dict) and [*found] == ["entities"]:
        keyed = [
            (segment(name) if name.startswith("(") else name, entity) for name, entity in found["entities"].items()
        ]
        return {"entities": sorted(keyed, key=canonical)}
    return found


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, which has no name twice."""
    if len(dict(pairs)) < len(pairs):
        raise AssertionError(f"a name comes twice in {[name for name, _ in pairs]}")
    return dict(pairs)


def canonical(value: Any) -> str:
    """Return a text that is the same for equal values, and tells 1, 1.0, true and "1" apart, as == does not."""
    return json.dumps(value, sort_keys=True)


# Other forms that are printed

URN = re.compile(r"urn(?::|%3A)\w+(?::|%3A)\w+(?::|%3A)(?:\([^()]*\)|[\w-]+)")


def as_protocol_2(url: str) -> tuple[list[Any], dict[str, Any]]:
    """Return the path and the parameters of a URL in which URNs stand as they are."""
    escaped = URN.sub(lambda urn: re.sub("[:(),]", lambda one: f"%{ord(one[0]):02X}", urn[0]), url)
    _, path, query = parts(escaped)
    return [segment(one) for one in path], parameters(query)


def as_protocol_1(url: str) -> tuple[list[Any], dict[str, Any]]:
    """Return the path and the parameters of a URL of protocol 1.0.

    A key of several parts is ``a=x&b=y``, printed with commas and in parentheses as well. A parameter's name is the way
    to a value: ``search.ids[0].name=x``.
    """
    _, path, query = parts(url)
    found: dict[str, Any] = {}
    for piece in query.split("&") if query else []:
        way, _, value = piece.partition("=")
        put(found, re.findall(r"[^.\[\]]+", way), read_key(value))
    return [old_key(one) for one in path], in_lists(found)


def old_key(text: str) -> Any:
    if "=" not in text:
        return segment(text)
    pairs = (part.partition("=") for part in re.split("[,&]", text.removeprefix("(").removesuffix(")")))
    return {name: read_key(value) for name, _, value in pairs}


def put(into: dict[str, Any], way: list[str], value: Any) -> None:
    for name in way[:-1]:
        into = into.setdefault(name, {})
    if way[-1] in into:
        raise AssertionError(f"{way} comes twice")
    into[way[-1]] = value


def in_lists(value: Any) -> Any:
    """Return nested dicts with those that are numbered from 0 as lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: in_lists(item) for name, item in value.items()}
    is_list = bool(inner) and [*inner] == [str(place) for place in range(len(inner))]
    return [*inner.values()] if is_list else inner
