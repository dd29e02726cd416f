"""Sums, held to a plain dict."""

from __future__ import annotations

import random

from restli_core.flows.sums import SIZE, Sums


def test_they_are_what_a_plain_sum_is() -> None:
    source, sums, plain = random.Random(1), Sums(), dict[int, int]()
    for _ in range(600):
        index = source.choice([source.randrange(40), source.randrange(SIZE - 1)])
        amount = source.randrange(-plain.get(index, 0), 4)
        sums.add(index, amount)
        plain[index] = plain.get(index, 0) + amount
        assert sums.total == sum(plain.values())
        here = source.choice([index, index + 1, source.randrange(50)])
        assert sums.before(here) == sum(number for other, number in plain.items() if other < here)
        if sums.total:
            wanted = source.randint(1, sums.total)
            found = sums.find(wanted)
            assert sums.before(found) < wanted <= sums.before(found) + plain[found]


def test_what_goes_leaves_nothing_behind() -> None:
    sums = Sums()
    for index in range(1000):
        sums.add(index, 1 << 70)
    for index in range(1000):
        sums.add(index, -(1 << 70))
    assert (sums.total, len(sums)) == (0, 0)


def test_sliding_along_takes_no_more_room() -> None:
    sums = Sums()
    for index in range(1000):
        sums.add(index, 1)
        if index >= 10:
            sums.add(index - 10, -1)
    assert sums.total == 10
    assert len(sums) < 10 * 48
