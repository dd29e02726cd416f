"""Clients over a transport: each of the fourteen methods, many threads, and a thousand calls at once."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import anyio
import pytest

import restli_core
from restli_core.errors import NotFoundError
from restli_core.methods import METHODS
from restli_transports.client import AsyncRestliClient, RestliClient
from restli_transports.testing.compliance.scripts import echo
from restli_transports.testing.compliance.senders import QUICK
from restli_transports.testing.compliance.suite import AsyncSuite, Suite
from restli_transports.testing.compliance.wire_view import check_described, values_of
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.media import MediaUploads
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.scripted_server import ScriptedServer
from restli_transports.testing.server import RestliServer
from restli_transports.transport import Timeout

if TYPE_CHECKING:
    from restli_core.calls import Call
    from restli_transports.testing.handlers import Handlers
    from restli_transports.transport import AsyncTransport

__all__ = ["AsyncCalls", "GivenCalls"]

CAMPAIGN: Final = {
    "campaign": "urn:li:sponsoredCampaign:700000001",
    "conversion": "urn:lla:llaPartnerConversion:1001",
}
ENTITY: Final[dict[str, Any]] = {"path_keys": {"id": 5001}}
# A call of each method to the sample resources: positional arguments, and options.
ARGUMENTS: Final[dict[str, tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "get": (("/adAccounts/{id}",), {**ENTITY, "fields": ["id", "name"]}),
    "batch_get": (("/adAccounts", range(5001, 6000)), {}),  # long enough to be tunnelled
    "get_all": (("/adAccounts",), {"query_params": {"start": 3, "count": 2}}),
    "finder": (("/adAccounts", "search"), {"query_params": {"search": {"status": {"values": ["DRAFT", ""]}}}}),
    "batch_finder": (("/adCampaigns", "searchCriteria", ("criteria", [{"status": "ACTIVE"}, {}])), {}),
    "create": (("/adAccounts", {"name": "(a,b:'c')"}), {}),
    "batch_create": (("/adAccounts", [{"name": "A"}, {"name": "é \u2028"}]), {}),
    "update": (("/adAccounts/{id}", {"name": "B"}), ENTITY),
    "batch_update": (("/campaignConversions", [CAMPAIGN, {**CAMPAIGN, "conversion": "'"}], [CAMPAIGN, {}]), {}),
    "partial_update": (("/adAccounts/{id}", {"name": "C"}), ENTITY),
    "batch_partial_update": (("/adAccounts", [5001, 1], [{"name": "D"}, {"name": "E"}]), {}),
    "delete": (("/adAccounts/{id}",), ENTITY),
    "batch_delete": (("/adAccounts", [5002, 5003]), {}),
    "action": (("/images", "initializeUpload", {"initializeUploadRequest": {"owner": "urn:li:organization:1"}}), {}),
}


def sample_call(name: str, base_url: str) -> Call[Any]:
    """Return the call of this method."""
    positional, options = ARGUMENTS[name]
    function: Callable[..., Call[Any]] = getattr(restli_core, name)
    return function(*positional, base_url=base_url, access_token="t", **options)


def settled_handlers() -> Handlers:
    """Return the sample resources; what they say of an upload is the same at each time and on each server."""
    handlers = sample_handlers()
    MediaUploads(upload_origin="https://www.linkedin.com", clock=lambda: 0).add_to(handlers)
    return handlers


@cache
def expected_document(name: str) -> Any:
    """Return the document that the sample resources, as they are at first, answer this call with."""
    call = sample_call(name, "http://h")
    return call.parse(FakeTransport(settled_handlers()).send(call.request)).document


class GivenCalls(Suite):
    """What clients do over every transport."""

    @pytest.mark.parametrize("name", METHODS)
    def test_each_of_the_fourteen_methods(self, name: str) -> None:
        with RestliServer(settled_handlers()) as server, self.opened() as sender:
            call = sample_call(name, server.base_url)
            got = call.parse(sender.send(call.request, timeout=QUICK))
            [received] = server.received
        assert got.document == expected_document(name)
        assert call.method == name
        check_described(received.head, received.body, call.request)

    def test_a_client_over_it(self) -> None:
        with RestliServer(sample_handlers()) as server, self.opened() as sender:
            client = RestliClient(sender, base_url=server.base_url, access_token="t")
            assert client.get("/adAccounts/{id}", path_keys={"id": 5001}).entity["name"] == "Account 1"
            with pytest.raises(NotFoundError):
                client.get("/adAccounts/{id}", path_keys={"id": 1})

    @pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
    def test_ipv6(self) -> None:
        with RestliServer(sample_handlers(), host="::1") as server, self.opened() as sender:
            client = RestliClient(sender, base_url=server.base_url)
            assert client.get("/adAccounts/{id}", path_keys={"id": 5001}).entity["id"] == 5001
            assert values_of(server.received[0].head, "host") == [f"[::1]:{server.port}"]

    def test_32_threads_may_share_a_client(self) -> None:
        targets = [f"/{n}" for n in range(320)]
        with ScriptedServer(echo) as server, self.opened() as sender, ThreadPoolExecutor(32) as threads:
            client = RestliClient(sender, base_url=server.url, access_token="t")
            entities = [*threads.map(lambda target: client.get(target).entity, targets)]
        assert entities == [{"target": target} for target in targets]
        assert len(server.received) == 320


class AsyncCalls(AsyncSuite):
    """What clients do over an asynchronous transport."""

    def test_a_thousand_calls_at_once_on_one_client(self) -> None:
        entities: dict[int, Any] = {}

        async def main(transport: AsyncTransport) -> None:
            client = AsyncRestliClient(transport, base_url=server.url, timeout=Timeout(read=300, total=600))

            async def call(number: int) -> None:
                entities[number] = (await client.get(f"/{number}")).entity

            async with anyio.create_task_group() as tasks:
                for number in range(1000):
                    tasks.start_soon(call, number)

        with ScriptedServer(echo) as server:
            self.run(main)
            assert 1 < server.connections <= 1000
        assert entities == {number: {"target": f"/{number}"} for number in range(1000)}

    def test_an_asynchronous_client_over_it(self) -> None:
        async def main(transport: AsyncTransport) -> None:
            async with AsyncRestliClient(transport, base_url=server.base_url) as client:
                made = await client.create("/adAccounts", {"name": "Summer"})
                key = {"id": made.decoded_entity_id}
                assert (await client.get("/adAccounts/{id}", path_keys=key)).entity["name"] == "Summer"
                with pytest.raises(NotFoundError):
                    await client.delete("/adAccounts/{id}", path_keys={"id": 1})

        with RestliServer(sample_handlers()) as server:
            self.run(main)
