"""A command of curl gives curl the request, whatever is in it, in every shell of the machine.

The shells run the commands with a function in the place of curl: many of them in one process.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.curl import curl_command
from restli_core.messages import HttpRequest
from tests.support.profiles import examples
from tests.support.shells import SHELLS, read_curl, run_in

TCHAR = "!#$%&'*+-.^_`|~09AZaz"
visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
words = st.sampled_from(
    ["$(id)", "`id`", "'", "\\", '"', "$HOME", "!!", "%s", "%", "\\n", "\\000", "@f", "-x", "#", "\0"]
)
names = st.text(TCHAR, min_size=1, max_size=8).filter(
    lambda name: name.lower() not in {"cookie", "proxy-authorization", "content-length"}
)
values = st.lists(words.filter(lambda word: word != "\0") | st.text(visible, max_size=5), max_size=4).map(" ".join)
texts = st.text(max_size=5).map(lambda text: text.encode("utf-8", "replace"))
bodies = st.lists(words.map(str.encode) | st.binary(max_size=8) | texts, max_size=5).map(b"".join)


@st.composite
def requests(draw: st.DrawFn) -> HttpRequest:
    fields = draw(st.lists(st.tuples(names, values.map(str.strip)), max_size=4))
    kind = draw(st.sampled_from([None, "application/json", "text/plain", ""]))
    if kind is not None:
        fields.append(("Content-Type", kind))
    url = "http://h/" + draw(st.text(visible, max_size=20))
    return HttpRequest(draw(st.text(TCHAR, min_size=1, max_size=5)), url, fields, draw(bodies))


@pytest.mark.parametrize("shell", SHELLS)
@examples(30, quick=5)
@given(some=st.lists(requests(), min_size=1, max_size=20))
def test_a_command_gives_curl_the_request(shell: str, some: list[HttpRequest]) -> None:
    with TemporaryDirectory() as folder:
        ran = run_in(shell, [curl_command(request, None) for request in some], Path(folder), {})
    assert [read_curl(*one) for one in ran] == some
