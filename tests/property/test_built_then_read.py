"""What a call builds and a server reads is what the caller meant, in a tunnel or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.messages import Headers, HttpRequest
from restli_core.methods import METHODS
from restli_core.server import read
from restli_core.tunnelling import untunnel
from tests.support.meanings import BASE_PATH, meanings
from tests.support.profiles import examples


@pytest.mark.parametrize("method", METHODS)
@examples(quick=5)
@given(data=st.data())
def test_what_is_built_is_read(method: str, data: st.DataObject) -> None:
    meaning = data.draw(meanings(method))
    invocation = read(meaning.call.request, [meaning.resource], base_path=BASE_PATH)
    assert replace(invocation, path="", query="", headers=Headers()) == meaning.meant
    assert invocation.key == meaning.key
    assert invocation.path.startswith(f"{BASE_PATH}/r")


@pytest.mark.parametrize("method", METHODS)
@examples(30, quick=5)
@given(data=st.data())
def test_the_method_is_read_without_declarations_too(method: str, data: st.DataObject) -> None:
    meaning = data.draw(meanings(method))
    invocation, meant = read(meaning.call.request, base_path=BASE_PATH), meaning.meant
    assert (invocation.method, invocation.finder, invocation.action) == (method, meant.finder, meant.action)
    assert (invocation.params, invocation.fields) == (meant.params, meant.fields)
    assert (invocation.entity, invocation.entities) == (meant.entity, meant.entities)
    assert (invocation.patch, invocation.patches) == (meant.patch, meant.patches)


@pytest.mark.parametrize("method", METHODS)
@examples(30, quick=5)
@given(data=st.data())
def test_the_header_is_needed_for_a_batch_create_alone(method: str, data: st.DataObject) -> None:
    meaning = data.draw(meanings(method))
    plain = untunnel(meaning.call.request)
    bare = HttpRequest(plain.method, plain.url, plain.headers.without("X-RestLi-Method"), plain.body)
    read_bare = read(bare, [meaning.resource], base_path=BASE_PATH).method
    assert read_bare == ("create" if method == "batch_create" else method)
