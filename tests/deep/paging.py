"""Go through large collections by both kinds of paging: ``python -m tests.deep.paging --seed N --size N`` (elements).

Each element must come once and in order, from blocking and asynchronous clients, in at most 1.1 times the memory that a
tenth of them takes. A seventh is filtered out of the pages after they are cut. The seed draws places at which a second
walk breaks off, to be taken up again from `next_call`.
"""

from __future__ import annotations

import pickle
import random
import sys
import time
from itertools import islice

from restli_transports import RestliClient
from tests.deep.arguments import parse
from tests.support.paged import PARAMETERS, Carrier, call_of, collection, expected, peak

MOST = 1.1  # times the memory of a tenth of the elements
BREAKS = 20


def broken_off(kind: str, seed: int, size: int) -> int:
    """Go through a collection, break off at places drawn by chance, and return how many pages went wrong."""
    draw, client = random.Random(seed), RestliClient(Carrier(collection(size)))
    call, ids, wrong = call_of(client, kind), expected(), 0
    for _ in range(BREAKS):
        pages = client.pages(call)
        for page in islice(pages, draw.randrange(1, 2 + size // 100 // BREAKS)):
            wrong += [element["id"] for element in page.elements] != [*islice(ids, len(page.elements))]
        if pages.next_call is None:
            break
        call = pickle.loads(pickle.dumps(pages.next_call))
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Go through the collections, print what it took, and return 1 where anything fell short."""
    seed, size = parse(__doc__, arguments, size=100_000)
    is_short = False
    for kind in PARAMETERS:
        for is_async in (False, True):
            peak(size // 100, kind, is_async=is_async)  # what is imported or cached once
            _, of_a_tenth = peak(size // 10, kind, is_async=is_async)
            began = time.monotonic()
            wrong, of_all = peak(size, kind, is_async=is_async)
            took, ratio = time.monotonic() - began, of_all / of_a_tenth
            name = f"{kind}, {'asynchronous' if is_async else 'blocking'}"
            print(f"{name}: {size} elements in {took:.1f} s, {wrong} wrong, {of_all / 1e6:.2f} MB, {ratio:.3f} times")
            is_short = is_short or bool(wrong) or ratio > MOST
        wrong = broken_off(kind, seed, size)
        print(f"{kind}, broken off from seed {seed}: {wrong} pages wrong")
        is_short = is_short or bool(wrong)
    return 1 if is_short else 0


if __name__ == "__main__":
    sys.exit(main())
