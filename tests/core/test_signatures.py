"""Signatures: made when they are asked for, and what `inspect` would say without it."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Generator
from typing import Any

import pytest

from restli_core.signatures import clean_doc, describe, is_awaitable, is_coroutine_function


def wrapped(name: str, size: int = 1) -> None:
    """Take a name."""


def outer(*args: Any) -> Any:
    return wrapped(*args)


def test_a_signature_is_made_when_it_is_asked_for() -> None:
    made: list[str] = []

    def make() -> inspect.Signature:
        made.append("made")
        return inspect.signature(wrapped).replace(return_annotation="int")

    describe(outer, wrapped, make)
    assert made == []
    assert str(inspect.signature(outer)) == "(name: 'str', size: 'int' = 1) -> 'int'"
    assert made
    assert typing.get_type_hints(outer) == {"args": Any, "return": Any}


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "One line.",
        "First.\n\n    Second:\n        third\n    ",
        "First.\n  a\n    b",
        "First.\n\n\n    Last.",
    ],
)
def test_documentation_is_cleaned_as_inspect_does(text: str | None) -> None:
    assert clean_doc(text) == inspect.cleandoc(text or "")


class Thing:
    def plain(self) -> None: ...

    async def awaited(self) -> None: ...

    async def __call__(self) -> None: ...


def generate() -> Generator[int, None, None]:
    yield 1


@types.coroutine
def old() -> Generator[int, None, None]:
    yield 1


def marked() -> None: ...


marked.__dict__["of"] = "anything"


@pytest.mark.parametrize(
    "function",
    [
        wrapped, Thing().plain, Thing().awaited, Thing.awaited, Thing(), Thing, print, generate, old, marked, None,
        functools.partial(Thing().awaited), functools.partial(wrapped, "a"),
    ],
)  # fmt: skip
def test_a_coroutine_function_is_one_to_inspect(function: Callable[..., Any]) -> None:
    assert is_coroutine_function(function) is inspect.iscoroutinefunction(function)


class Awaited:
    def __await__(self) -> Generator[int, None, None]:
        yield 1


def test_what_can_be_awaited_is_so_to_inspect() -> None:
    coroutine = Thing().awaited()
    for value in (coroutine, generate(), old(), Awaited(), 5, None, wrapped):
        assert is_awaitable(value) is inspect.isawaitable(value)
    coroutine.close()
