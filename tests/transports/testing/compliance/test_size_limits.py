"""Transports that read or unpack more than they may are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.wrong_transports import RightTransport, check_noticed, suite_over

pytestmark = pytest.mark.sockets


class Unlimited(RightTransport):
    def __init__(self, **_options: Any) -> None:
        super().__init__(max_body=None)


class Miserly(RightTransport):
    """Takes a byte less than it may."""

    def __init__(self, max_body: int = 100) -> None:
        super().__init__(max_body=max_body - 1)


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (Unlimited, lambda suite: suite.test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more("chunked")),
        (Unlimited, lambda suite: suite.test_a_bomb_is_not_unpacked()),
        (Unlimited, lambda suite: suite.test_a_bomb_in_a_bomb_is_not_unpacked()),
        (Unlimited, lambda suite: suite.test_beyond_the_limit_nothing_is_read()),
        (Unlimited, lambda suite: suite.test_the_body_of_a_redirect_has_the_same_limit()),
    ],
    ids=["body", "bomb", "bomb in a bomb", "endless", "redirect"],
)
def test_it_is_noticed(wrong: type[RightTransport], test: Callable[[Any], None]) -> None:
    check_noticed(wrong, test)


def test_too_strict_a_limit_is_noticed() -> None:
    with pytest.raises(Exception, match="199999"):
        suite_over(Miserly).test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more("length")
