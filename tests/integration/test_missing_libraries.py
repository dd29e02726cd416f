"""A library that is not installed is told of by the name of the extra that brings it."""

from __future__ import annotations

import importlib
import sys

import pytest

from restli_transports import AsyncRestliClient, RestliClient

LIBRARIES = [
    ("urllib3", "urllib3", "urllib3"),
    ("requests", "requests", "requests"),
    ("httpx", "httpx", "httpx"),
    ("h11", "h11", "h11"),
    ("anyio", "h11", "h11"),
    ("h11", "testing.http_connection", "h11"),
    ("pytest", "testing.compliance", "testing"),
    ("trustme", "testing.compliance", "testing"),
]


def without(library: str, module: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the module, which is to be imported anew without the library."""
    name = f"restli_transports.{module}"
    for loaded in [loaded for loaded in sys.modules if f"{loaded}.".startswith(f"{name}.")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, library, None)
    return name


@pytest.mark.parametrize(("library", "module", "extra"), LIBRARIES)
def test_the_extra_is_named(library: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = without(library, module, monkeypatch)
    with pytest.raises(ImportError, match=rf"pip install ['\"]restli-core\[{extra}\]"):
        importlib.import_module(name)


@pytest.mark.parametrize(("client", "library"), [(RestliClient, "urllib3"), (AsyncRestliClient, "httpx")])
def test_a_client_without_a_transport_names_that_of_its_own(
    client: type[RestliClient | AsyncRestliClient], library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(library, library, monkeypatch)
    with pytest.raises(ImportError, match=rf'pip install "restli-core\[{library}\]"'):
        client()
