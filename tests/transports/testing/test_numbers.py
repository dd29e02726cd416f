"""Numbers: each is given once, to whichever thread."""

from __future__ import annotations

import threading
from itertools import islice

from restli_transports.testing.numbers import Numbers


def test_they_go_up_by_one() -> None:
    numbers = Numbers(7)
    assert [next(numbers), *islice(numbers, 3)] == [7, 8, 9, 10]


def test_each_is_given_once() -> None:
    numbers = Numbers(1)
    start = threading.Barrier(8)
    taken: list[list[int]] = [[] for _ in range(8)]

    def take(mine: list[int]) -> None:
        start.wait(30)
        mine.extend(islice(numbers, 500))

    threads = [threading.Thread(target=take, args=[mine]) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for mine in taken for number in mine) == list(range(1, 4001))
