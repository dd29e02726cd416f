"""Go very deep by every walk through nested values: ``python -m tests.deep.nesting --seed N --size N`` (levels).

Python's own stack ends at a thousand levels. Nothing here may use it, whatever the order of lists and maps is. What
JSON cannot hold at that depth is to be refused, not to crash.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import restli_core as restli
from restli_core import HttpRequest, HttpResponse, InvalidCallError, patch
from restli_core.projection import apply_projection, format_projection, parse_projection
from tests.deep.arguments import parse
from tests.support.values import nested, same


def refused(function: Callable[..., Any], *arguments: Any) -> bool:
    """Return whether a function refuses its arguments as the caller's mistake."""
    try:
        function(*arguments)
    except InvalidCallError:
        return True
    return False


def check_codec(levels: str) -> bool:
    """Return whether a value comes back as it went, in each form."""
    value = nested("a", levels)
    text = restli.encode(value)
    forms = (restli.decode(text), restli.reduced_decode(restli.reduced_encode(value)))
    return all(same(form, value) for form in (*forms, restli.param_decode(restli.param_encode({"x": value}))["x"]))


def check_refusals(levels: str) -> bool:
    """Return whether what cannot be encoded is found at the bottom, a cycle too."""
    inner: list[Any] = []
    outer = nested(inner, levels)
    inner.append(outer)
    found = refused(restli.encode, nested(None, levels)) and refused(restli.encode, outer)
    inner.clear()  # or Python would recurse to drop it
    return found


def check_bodies(levels: str) -> bool:
    """Return whether a body that JSON cannot hold is refused."""
    return refused(restli.create, "/r", {"a": nested("a", levels)})


def check_patches(levels: str) -> bool:
    """Return whether a patch makes one document of the other."""
    before, after = {"x": nested("a", levels)}, {"x": nested("b", levels)}
    return same(patch.apply(before, patch.diff(before, after)), after)


def check_masks(levels: str) -> bool:
    """Return whether a mask is written, read and applied."""
    depth = len(levels)
    mask: Mapping[str, Any] = nested(True, "{" * depth)
    entity = nested("a", "{" * depth)
    read = parse_projection(format_projection(mask))
    return same(apply_projection(entity, read), entity)


def check_ids(levels: str) -> bool:
    """Return whether a batch finds the row of a key, and keeps the key."""
    key = nested("a", levels + "{")
    call = restli.batch_get("/r", [key])
    body = b'{"results": {"%b": {"n": 1}}}' % restli.reduced_encode(key).encode()
    (row,) = call.parse(HttpResponse(200, {}, body)).rows
    return row.entity == {"n": 1} and same(row.id, key)


def check_server(levels: str) -> bool:
    """Return whether the other end reads a parameter."""
    text = restli.encode(nested("a", levels))
    request = HttpRequest("GET", f"/r?q=f&a={text}", {"X-RestLi-Protocol-Version": "2.0.0"})
    return same(restli.read(request, ["/r/{id}"]).params["a"], nested("a", levels))


CHECKS: Final = (check_codec, check_refusals, check_bodies, check_patches, check_masks, check_ids, check_server)


def main(arguments: list[str] | None = None) -> int:
    """Go deep by each walk in several orders of lists and maps, and return 1 where one falls short."""
    seed, size = parse(__doc__, arguments, size=300_000)
    orders = ("[" * size, "{" * size, "".join(random.Random(seed).choices("[{", k=size)))
    short = 0
    for check in CHECKS:
        began = time.process_time()
        held = [check(order) for order in orders]
        short += held.count(False)
        print(f"{check.__name__}: {len(orders)} orders of {size} levels, {held.count(False)} fell short", end="")
        print(f", {time.process_time() - began:.1f} s")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
