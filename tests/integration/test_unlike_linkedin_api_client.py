"""What behaves otherwise here than in linkedin-api-client: each row of the page's table, with both at work.

Theirs is run as a black box, where it is installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

import restli_core
from restli_core import HttpResponse
from restli_transports import AuthClient, RestliClient
from restli_transports.requests import RequestsTransport
from restli_transports.testing import AuthorizationServer, FakeTransport, RestliServer
from restli_transports.testing.sample import sample_handlers
from tests.support.pages import section_of, text_of
from tests.support.redirected import redirect

pytestmark = pytest.mark.sockets

PAGE = text_of("docs/coming-from-linkedin-api-client.md")
HELD: dict[str, Callable[[Both], None]] = {}
TOKEN = "made-up"
VERSION = "202609"
HTML = b"<html>Bad gateway</html>"


class Both(NamedTuple):
    """Both clients, of one server."""

    theirs: Any
    ours: RestliClient
    server: RestliServer

    def there(self, method: str, resource_path: str, **arguments: Any) -> Any:
        call = getattr(self.theirs, method)
        return call(resource_path=resource_path, access_token=TOKEN, version_string=VERSION, **arguments)

    def target(self) -> str:
        """The target of the last request."""
        return self.server.received[-1].raw.split(b" ")[1].decode()


def theirs(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(f"linkedin_api.{module}"), attribute)


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    pytest.importorskip("linkedin_api", reason="linkedin-api-client is not installed: it comes with the extra bench")
    authorization = AuthorizationServer()
    authorization.app("app", "secret")
    with RestliServer(sample_handlers(), base_path="/rest", authorization=authorization) as server:
        redirect(monkeypatch, server)
        client = theirs("clients.restli.client.RestliClient")()
        with RestliClient(access_token=TOKEN, version_string=VERSION, retry=None) as ours:
            yield Both(client, ours, server)
        client.session.close()


def row(title: str) -> Callable[[Callable[[Both], None]], Callable[[Both], None]]:
    def register(check: Callable[[Both], None]) -> Callable[[Both], None]:
        HELD[title] = check
        return check

    return register


@row("a 404 with a JSON body")
def _not_found(both: Both) -> None:
    assert both.there("get", "/adAccounts/{id}", path_keys={"id": 7}).entity["status"] == 404
    with pytest.raises(restli_core.NotFoundError):
        both.ours.get("/adAccounts/{id}", path_keys={"id": 7})


@row("a failed finder")
def _failed_finder(both: Both) -> None:
    bad = {"pageSize": "many"}
    assert both.there("finder", "/adAccounts", finder_name="search", query_params=bad).elements is None
    with pytest.raises(restli_core.BadRequestError):
        both.ours.finder("/adAccounts", "search", query_params=bad)


@row("a refused token call")
def _refused_token(both: Both) -> None:
    client = theirs("clients.auth.client.AuthClient")("app", "secret")
    answer = client.exchange_refresh_token_for_access_token("unknown")
    client.session.close()
    assert (answer.status_code, answer.access_token) == (400, None)
    with AuthClient("app", "secret") as auth, pytest.raises(restli_core.OAuthError, match="invalid"):
        auth.exchange_refresh_token_for_access_token("unknown")


@row("an answer that is not JSON")
def _not_json(both: Both) -> None:
    for status, error in ((200, restli_core.InvalidResponseError), (502, restli_core.ServerError)):
        raw = f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\nContent-Length: {len(HTML)}\r\n\r\n".encode() + HTML
        both.server.fail_next(raw=raw, times=2)
        with pytest.raises(theirs("common.errors.ResponseFormattingError")):
            both.there("get", "/me")
        with pytest.raises(error):
            both.ours.get("/me")


@row("no connection")
def _no_connection(both: Both) -> None:
    both.server.stop()
    with pytest.raises(requests.ConnectionError):
        both.there("get", "/me")
    with pytest.raises(restli_core.ConnectError):
        both.ours.get("/me")


@row("a parameter that is None")
def _none(both: Both) -> None:
    both.there("finder", "/adAccounts", finder_name="search", query_params={"role": None})
    assert (both.server.received[-1].raw.split(b" ")[1]).endswith(b"role=")
    assert both.there("finder", "/adAccounts", finder_name="search", query_params={"role": None}).status_code == 400
    both.ours.finder("/adAccounts", "search", query_params={"role": None})
    assert both.target() == "/rest/adAccounts?q=search"


@row("a None further inside")
def _none_inside(_both: Both) -> None:
    value: Any = {"k": None}
    assert theirs("clients.restli.utils.encoder.encode")(value) == "(k:)"
    with pytest.raises(restli_core.InvalidCallError):
        restli_core.encode(value)


@row('`""` inside a list or a dict')
def _empty(_both: Both) -> None:
    assert theirs("clients.restli.utils.encoder.encode")([""]) == "List()"
    assert restli_core.encode([""]) == "List('')"


@row("malformed text given to `decode`")
def _malformed(_both: Both) -> None:
    decode = theirs("clients.restli.utils.decoder.decode")
    assert decode("a)") == "a)"
    # That `(a:b,c)` never comes back is held by test_linkedins_own_codec.py, with a limit.
    for text in ("(a:b,c)", "a)"):
        with pytest.raises(restli_core.DecodeError, match="position"):
            restli_core.decode(text)


@row("`batch_update` with ids of text that need escapes")
def _escaped_keys(both: Both) -> None:
    ids, entities = ["urn:li:share:1"], [{"commentary": "x"}]
    both.server.collection("/things/{id}", {"urn:li:share:1": {}})
    answer = both.there("batch_update", "/things", ids=ids, entities=entities)
    assert b'{"urn%3Ali%3Ashare%3A1": ' in both.server.received[-1].raw
    assert answer.status_code == 400
    (one,) = both.ours.batch_update("/things", ids, entities).rows
    assert b'{"urn:li:share:1":' in both.server.received[-1].raw
    assert (one.id, one.status) == (ids[0], 204)


@row("a tunnelled call with a body (a query above 4,000 characters)")
def _tunnelled(both: Both) -> None:
    ids = [*range(5001, 5901)]
    entities = [{"name": "x"}] * len(ids)
    with pytest.raises(AttributeError):
        both.there("batch_update", "/adAccounts", ids=ids, entities=entities)
    rows = both.ours.batch_update("/adAccounts", ids, entities).rows
    assert [one.id for one in rows if not one.failed] == [*range(5001, 5026)]


@row("paging that the server does not give")
def _no_paging(both: Both) -> None:
    both.server.fail_next(status=200, body=b'{"elements": []}', times=2)
    page = both.there("get_all", "/adAccounts").paging
    assert (page.start, page.count, page.total) == (None, None, None)
    assert both.ours.get_all("/adAccounts").paging is None


@row("`/` missing at the beginning of a path")
def _no_slash(both: Both) -> None:
    build_url = theirs("clients.restli.utils.api.build_rest_url")
    assert build_url("adAccounts") == "https://api.linkedin.com/v2adAccounts"
    with pytest.raises(restli_core.InvalidCallError, match="resource_path"):
        both.ours.get("adAccounts")


@row("hooks and headers of the session")
def _session(both: Both) -> None:
    seen: list[int] = []

    def hook(answer: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        seen.append(answer.status_code)

    with RestliClient(RequestsTransport(), access_token=TOKEN, version_string=VERSION) as ours:
        for client, get in ((both.theirs, lambda: both.there("get", "/me")), (ours, lambda: ours.get("/me"))):
            client.session.hooks["response"].append(hook)
            client.session.headers["X-Mine"] = "1"
            get()
    assert seen == [200]
    assert [b"X-Mine: 1" in received.raw for received in both.server.received] == [False, True]


@row("the header `User-Agent`")
def _user_agent(both: Both) -> None:
    both.there("get", "/me")
    both.ours.get("/me")
    both.ours.with_options(user_agent="mine/1").get("/me")
    agents = [re.findall(rb"(?im)^user-agent: ([^\r]*)", one.raw)[0] for one in both.server.received]
    assert [agents[0], agents[2]] == [b"linkedin-api-python-client/0.3.0", b"mine/1"]
    assert agents[1].startswith(b"restli-core/")


@row("calls that fail on the way, or are throttled")
def _repeated(both: Both) -> None:
    both.server.fail_next(status=503, body=b"{}")
    assert both.there("get", "/me").status_code == 503
    fake = FakeTransport(sample_handlers())
    fake.fail_next(HttpResponse(503, {}, b""), times=3)
    assert RestliClient(fake).get("/me").status_code == 200
    fake.fail_next(HttpResponse(503, {}, b""))
    with pytest.raises(restli_core.ServerError):
        RestliClient(fake, retry=None).get("/me")


@row("`response.response`")
def _response(both: Both) -> None:
    assert isinstance(both.there("get", "/me").response, requests.Response)
    assert isinstance(both.ours.get("/me").response, HttpResponse)
    with RestliClient(RequestsTransport(), access_token=TOKEN, version_string=VERSION) as ours:
        assert isinstance(ours.get("/me").response.native, requests.Response)


@row("positional arguments")
def _positional(both: Both) -> None:
    with pytest.raises(TypeError):
        both.theirs.get("/me", access_token=TOKEN)
    assert both.ours.get("/me").entity == both.ours.get(resource_path="/me").entity


def test_what_the_move_gives_is_missing_there(both: Both) -> None:
    package = Path(import_module("linkedin_api").__path__[0])
    assert [*package.rglob("py.typed")] == []
    query = {"pageSize": 2}
    assert both.there("finder", "/adAccounts", finder_name="search", query_params=query).metadata is None
    assert both.ours.finder("/adAccounts", "search", query_params=query).metadata == {"nextPageToken": "2"}
    ids, entities = [5001, 7], [{"name": "x"}, {"name": "y"}]
    answer = both.there("batch_update", "/adAccounts", ids=ids, entities=entities)
    assert [*answer.results] == ["5001"]
    assert not hasattr(answer, "errors")
    rows = both.ours.batch_update("/adAccounts", ids, entities).rows
    assert [(one.id, one.status, one.failed) for one in rows] == [(5001, 204, False), (7, 404, True)]


def test_each_row_of_the_page_is_held() -> None:
    section = section_of(PAGE, "What behaves otherwise")
    assert re.findall(r"^\| (.+?) \| .* \|$", section, re.MULTILINE)[1:] == [*HELD]


@pytest.mark.parametrize("title", HELD)
def test_both_behave_as_the_row_says(title: str, both: Both) -> None:
    HELD[title](both)
