"""The keywords of the functions that make calls: what they are, at runtime too, and that nothing compiles them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from inspect import signature
from typing import Any, Optional, get_type_hints

import pytest

import restli_core
from restli_core.bodies import Dumps
from restli_core.options import CallOptions, EntityOptions, annotation_text

WATCHED = """
import builtins

def watch(*args, original=builtins.compile, **options):
    if args[2:] == ("eval",):
        compiled.append(args[0])
    return original(*args, **options)

compiled = []
builtins.compile = watch
"""


def test_the_options_have_types_that_can_be_asked_for() -> None:
    hints = get_type_hints(CallOptions)
    assert hints["path_keys"] == Mapping[str, Any] | None
    assert hints["dumps"] == Optional[Dumps]  # noqa: UP045 - pyright
    assert get_type_hints(EntityOptions) == {**hints, "return_entity": bool | None}
    assert CallOptions.__total__ is False
    assert restli_core.CallOptions is CallOptions


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("path_keys", "Mapping[str, Any] | None"),
        ("fields", "Projection | None"),
        ("access_token", "str | Authorization | None"),
        ("headers", "Mapping[str, str] | None"),
        ("tunnel_above", "int | None"),
        ("dumps", "Dumps | None"),
        ("return_entity", "bool | None"),
    ],
)
def test_signatures_show_an_option_as_it_is_written(name: str, text: str) -> None:
    assert annotation_text(EntityOptions.__annotations__[name]) == text
    assert signature(restli_core.create).parameters[name].annotation == text


@pytest.mark.parametrize("module", ["restli_core", "restli_transports"])
def test_nothing_is_compiled_while_it_is_imported(module: str) -> None:
    program = f"import sys; sys.path[:] = {sys.path!r}{WATCHED}import {module}; print(*compiled)"
    run = subprocess.run([sys.executable, "-S", "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.split() == []
