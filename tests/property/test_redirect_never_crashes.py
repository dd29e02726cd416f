"""read_redirect gives the code, or raises OAuthError or InvalidCallError, whatever it is given."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import event, given
from hypothesis import strategies as st

from restli_core import oauth
from restli_core.errors import InvalidCallError, OAuthError
from restli_transports.testing.strategies import query_texts
from tests.support.oddities import arguments

names = st.sampled_from(["code", "state", "error", "error_description", "%73tate", "x"])
pieces = st.tuples(names, st.text(max_size=6) | st.sampled_from(["s", "%ff", "%", "a+b"])).map("=".join)
redirects = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "?", "/", "/?", "/back?", "https://h/?", "app:/?", "http://[", "//?"]),
    st.lists(pieces | st.just("state=s"), max_size=5).map("&".join) | query_texts(),
    st.sampled_from(["", "#", "#code=1&state=s"]),
)
sendable = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@given(url=redirects | st.text() | arguments, state=st.just("s") | arguments)
def test_on_anything(url: Any, state: Any) -> None:
    try:
        code = oauth.read_redirect(url, state)
    except OAuthError as error:
        assert error.error
        event(error.error if error.error in {"state_mismatch", "invalid_redirect"} else "the server's error")
    except InvalidCallError as error:
        assert error.argument in {"url", "state"}
        event(error.argument)
    else:
        assert code
        event("a code")


@given(code=sendable, state=sendable, spelt=st.sampled_from([quote, quote_plus]), order=st.booleans())
def test_the_code_comes_back(code: str, state: str, spelt: Any, order: bool) -> None:
    pair = [f"code={spelt(code)}", f"state={spelt(state)}"]
    for before in ("", "?", "/back?", "https://h:1/back?"):
        assert oauth.read_redirect(before + "&".join(pair[:: 1 if order else -1]), state) == code
