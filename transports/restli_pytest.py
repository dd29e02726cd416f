"""The pytest plugin: clients, servers and fakes as fixtures. Pytest loads it by itself where restli-core is installed.

    @pytest.mark.restli(resources={"/adAccounts/{id:long}": [{"id": 5, "name": "Summer"}]})
    def test_name(restli_client):
        assert restli_client.get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"] == "Summer"

    restli_server           a `RestliServer` on loopback                            needs the extra `testing`, or `h11`
    restli_client           a `RestliClient` of that server                         likewise
    async_restli_client     an `AsyncRestliClient` of it, for asyncio and trio      likewise
    fake_transport          a `FakeTransport`: the same resources in memory         needs nothing
    authorization_server    the `AuthorizationServer` beside the resources          needs nothing

Each test has its own. Those of one test belong together: they answer from the same resources, which are those of the
marker, and none without it. It takes, by keyword,

    resources         what is there, see `_handlers_of`
    requires_token    whether the resources refuse a request without an access token of `authorization_server`

A module of its own, beside the packages, since pytest imports it at every start, where restli-core is installed: it
imports pytest and the standard library. The packages are imported by the first test that asks for a fixture, so that
nobody's start is slower, and whoever measures how much of the packages is covered sees all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from restli_transports import AsyncRestliClient, RestliClient
    from restli_transports.testing import AuthorizationServer, FakeTransport, Handlers, RestliServer

__all__ = [
    "async_restli_client",
    "authorization_server",
    "fake_transport",
    "restli_client",
    "restli_server",
]

_OPTIONS: Final[Mapping[str, Any]] = {"resources": (), "requires_token": False}
"""What the marker takes, and what holds without it."""

_MARKER: Final = (
    "restli(resources=(), requires_token=False): the resources of the fixtures restli_server and fake_transport: "
    'entities by declaration, such as {"/adAccounts/{id:long}": [{"id": 5}], "/me": {"name": "Ada"}}, Handlers, '
    "or a function that returns either; and whether they want an access token of authorization_server"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, which `--strict-markers` asks for."""
    config.addinivalue_line("markers", _MARKER)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse what the marker does not take, be the fixtures used or not."""
    _options_of(item)


@pytest.fixture
def authorization_server() -> AuthorizationServer:
    """An authorization server in memory, which `restli_server` and `fake_transport` serve beside their resources.

    It knows no application: `authorization_server.app("app", "secret")` registers one, and
    `authorization_server.issue("app").access_token` is a token for it.
    """
    from restli_transports.testing import AuthorizationServer

    return AuthorizationServer()


@pytest.fixture
def _restli_handlers(request: pytest.FixtureRequest) -> Handlers:
    """The handlers of the marker's resources."""
    return _handlers_of(_options_of(request.node)["resources"])


@pytest.fixture
def restli_server(
    request: pytest.FixtureRequest, _restli_handlers: Handlers, authorization_server: AuthorizationServer
) -> Iterator[RestliServer]:
    """A Rest.li server on loopback that runs until the test ends, with the resources of the marker `restli`.

    A request that it has no handler for, and an exception in a handler, are an error at the end of the test.
    """
    try:
        from restli_transports.testing import RestliServer
    except ImportError as error:
        _fail(error)
    requires_token = _options_of(request.node)["requires_token"]
    with RestliServer(_restli_handlers, authorization=authorization_server, requires_token=requires_token) as server:
        yield server


@pytest.fixture
def restli_client(restli_server: RestliServer) -> Iterator[RestliClient]:
    """A client of `restli_server`, without a token; it is closed after the test."""
    try:
        # Not the default transport, which would take the proxies of the environment for loopback.
        from restli_transports.h11 import H11Transport
    except ImportError as error:
        _fail(error)
    from restli_transports import RestliClient

    with RestliClient(H11Transport(), base_url=restli_server.base_url) as client:
        yield client


@pytest.fixture
def async_restli_client(restli_server: RestliServer) -> AsyncRestliClient:
    """An asynchronous client of `restli_server`, without a token, for any event loop of asyncio or trio.

    It belongs to no loop, so that it works with the plugins of anyio, pytest-asyncio and trio alike, and in a test that
    runs a loop by itself. It needs no closing: its connections are closed with the loop that they were opened in.
    """
    try:
        from restli_transports.h11 import H11AsyncTransport
    except ImportError as error:
        _fail(error)
    from restli_transports import AsyncRestliClient

    return AsyncRestliClient(H11AsyncTransport(), base_url=restli_server.base_url)


@pytest.fixture
def fake_transport(
    request: pytest.FixtureRequest, _restli_handlers: Handlers, authorization_server: AuthorizationServer
) -> FakeTransport:
    """A transport that answers in memory, with the resources of the marker `restli`, for a client of your own."""
    from restli_transports.testing import FakeTransport

    requires_token = _options_of(request.node)["requires_token"]
    return FakeTransport(_restli_handlers, authorization=authorization_server, requires_token=requires_token)


def _options_of(item: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test say; of several, such as one of its class, the closest for each option."""
    said: dict[str, Any] = {}
    for marker in item.iter_markers("restli"):
        if marker.args:
            _fail(f"it takes no argument by position: write {_spelt('resources')}")
        for name in marker.kwargs:
            if name not in _OPTIONS:
                _fail(f"it does not take {name}: write {' or '.join(map(_spelt, _OPTIONS))}")
        said = {**marker.kwargs, **said}
    if not isinstance(said.get("requires_token", False), bool):
        _fail(f"requires_token must be True or False, not {said['requires_token']!r}")
    return {**_OPTIONS, **said}


def _handlers_of(resources: Any) -> Handlers:
    """Return handlers for resources as the marker takes them.

    Args:
        resources: one of

            - entities by the declaration of their resource: a list of entities, or entities by key, for one that ends
              in a key, such as ``/adAccounts/{id:long}``; the entity, or None, for a simple one, such as ``/me``
            - declarations alone, for resources in which nothing is yet; text is one
            - `Handlers`, which are then shared by all tests that name them
            - a function without arguments that returns one of these, called for each test
    """
    from restli_core import InvalidCallError
    from restli_transports.testing import Handlers

    if callable(resources):
        resources = resources()
    if isinstance(resources, Handlers):
        return resources
    if isinstance(resources, str):
        resources = [resources]
    if not isinstance(resources, Iterable) or isinstance(resources, bytes):
        _fail(f"resources must be a dict, declarations, Handlers or a function, not {type(resources).__name__}")
    handlers = Handlers()
    given: Mapping[Any, Any] = resources if isinstance(resources, Mapping) else dict.fromkeys(resources)
    for declaration, entities in given.items():
        try:
            _register(handlers, declaration, entities)
        except InvalidCallError as error:
            _fail(f"{declaration!r} in resources: {error}")
    return handlers


def _register(handlers: Handlers, declaration: Any, entities: Any) -> None:
    """Register one resource, with what is in it; None for nothing."""
    from restli_core import InvalidCallError
    from restli_core.server import Resource

    if Resource(declaration).key is None:
        handlers.simple(declaration, entities)
    elif entities is None or (isinstance(entities, Iterable) and not isinstance(entities, str | bytes)):
        handlers.collection(declaration, () if entities is None else entities)
    else:
        raise InvalidCallError(
            "entities", f"must be a list of entities, or a dict by key, not {type(entities).__name__}"
        )


def _spelt(option: str) -> str:
    """Return how the marker is written with an option."""
    values = {"resources": '{"/adAccounts/{id:long}": [{"id": 5}]}', "requires_token": "True"}
    return f"@pytest.mark.restli({option}={values[option]})"


def _fail(reason: str | Exception) -> NoReturn:
    """End the test with an error that says what is wrong, and nothing of how it was found."""
    text = f"@pytest.mark.restli: {reason}" if isinstance(reason, str) else str(reason)
    raise pytest.fail.Exception(text, pytrace=False) from None
