"""Queries, paths, calls and requests: the laws that their docstrings state."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import restli_core as restli
from restli_core import HttpRequest, param_decode, param_encode, read, tunnel, untunnel
from restli_core.methods import METHODS
from restli_transports.testing.strategies import calls, http_requests, paths, queries
from tests.support.profiles import examples


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")
@given(queries())
def test_queries_come_back(query: dict[str, Any]) -> None:
    assert param_decode(param_encode(query)) == query


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")
@given(paths())
def test_a_server_reads_the_keys_in_a_path(path: tuple[str, dict[str, Any]]) -> None:
    resource_path, path_keys = path
    declared = resource_path
    for name, key in path_keys.items():
        if isinstance(key, dict):
            declared = declared.replace(f"{{{name}}}", f"{{{name}:complex}}")
    request = restli.get(resource_path, path_keys=path_keys, base_url="https://h/rest").request
    found = read(request, [declared], base_path="/rest").path_keys
    assert found == {name: key if isinstance(key, dict) else str(key) for name, key in path_keys.items()}


@pytest.mark.parametrize("method", METHODS)
@examples(30, quick=3)
@given(data=st.data())
def test_a_server_reads_the_method_of_a_call(method: str, data: st.DataObject) -> None:
    call = data.draw(calls(method))
    assert call.method == read(call.request).method == method
    assert pickle.loads(pickle.dumps(call)) == call


@given(http_requests())
def test_a_request_comes_out_of_the_tunnel_as_it_went_in(request: HttpRequest) -> None:
    plain = untunnel(request)
    if "?" in plain.url:
        assert untunnel(tunnel(plain)).url == plain.url


def test_hypothesis_knows_our_types_by_itself() -> None:
    program = """
from hypothesis import given, settings, strategies as st
import restli_hypothesis
from restli_core import Call, HttpRequest, Urn

restli_hypothesis.register_types()
for kind in (Urn, HttpRequest, Call, Call[int]):
    @settings(max_examples=5, database=None, deadline=None)
    @given(st.from_type(kind))
    def check(value):
        assert isinstance(value, getattr(kind, "__origin__", kind))
    check()
print("known")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "known\n"


def test_what_registers_them_imports_nothing_of_the_tools() -> None:
    program = """
import sys
import restli_hypothesis
restli_hypothesis.register_types()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"restli_core", "restli_transports", "pytest"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "['restli_core']\n"
