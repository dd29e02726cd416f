"""The main job: every method of Rest.li at work, over real sockets, through the client that users would use.

    python -m restli_transports.demo                            all methods, against the embedded server
    python -m restli_transports.demo --transport h11-async      the same through another transport
    python -m restli_transports.demo --transport fake           the same in memory: no library, and no socket
    python -m restli_transports.demo --base-url URL             what only reads, against the server there
    LINKEDIN_ACCESS_TOKEN=... python -m restli_transports.demo  what only reads, against LinkedIn

One line a call: method, request, status, milliseconds, what came back. The exit status is 1 if anything went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, ParamSpec

from restli_core import HttpRequest, HttpResponse, NotFoundError, RestliError, UnprocessableEntityError, Urn
from restli_transports.client import AsyncRestliClient, RestliClient
from restli_transports.system import show_any_text
from restli_transports.testing.fake import FakeTransport
from restli_transports.testing.sample import sample_handlers

if TYPE_CHECKING:
    from restli_transports.transport import Timeout

__all__ = ["main"]

P = ParamSpec("P")

# Each transport's module and class, and the kind of client that it serves.
_TRANSPORTS: Final[Mapping[str, tuple[str, str, type[RestliClient | AsyncRestliClient]]]] = {
    "urllib3": ("urllib3", "Urllib3Transport", RestliClient),
    "requests": ("requests", "RequestsTransport", RestliClient),
    "httpx": ("httpx", "HttpxTransport", RestliClient),
    "httpx-async": ("httpx", "HttpxAsyncTransport", AsyncRestliClient),
    "h11": ("h11", "H11Transport", RestliClient),
    "h11-async": ("h11", "H11AsyncTransport", AsyncRestliClient),
    "aiohttp": ("aiohttp", "AiohttpTransport", AsyncRestliClient),
}
_FAKE: Final = "fake"
_LINE_WIDTH: Final = 62


class _WatchedTransport:
    """A transport of either kind, which keeps the last exchange to be shown."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.exchange: tuple[HttpRequest, HttpResponse] | None = None

    def send(self, request: HttpRequest, *, timeout: Timeout) -> Any:
        """Send a request as the transport does: at once, or to be awaited."""

        async def keep_awaited(answer: Awaitable[HttpResponse]) -> HttpResponse:
            self.exchange = request, await answer
            return self.exchange[1]

        self.exchange = None
        answer = self.transport.send(request, timeout=timeout)
        if isawaitable(answer):
            return keep_awaited(answer)
        self.exchange = request, answer
        return answer

    def close(self) -> Any:
        """Close as the transport does."""
        return self.transport.close()


class _Show:
    """The calls that the demo makes, and a line printed for each.

    Args:
        transport: what the calls go through.

    Attributes:
        failures: how many of them did not give what they should.
    """

    failures: int

    def __init__(self, transport: _WatchedTransport) -> None:
        self.failures = 0
        self._transport = transport
        self._started = 0.0
        self._method = ""

    async def call(self, method: Callable[P, Any], *args: P.args, **options: P.kwargs) -> Any:
        """Call a method of a client of either kind, and return its answer; `outcome` is to print it."""
        self._method = method.__name__
        self._started = time.perf_counter()
        answer = method(*args, **options)
        return await answer if isawaitable(answer) else answer

    def outcome(self, shown: object, expected: object = None) -> None:
        """Print the line of the last call.

        Args:
            shown: what came back, in short.
            expected: what should have come back; None where that cannot be said.
        """
        elapsed = (time.perf_counter() - self._started) * 1000
        line, status = "(not sent)", "-"
        if self._transport.exchange is not None:
            request, response = self._transport.exchange
            status = str(response.status_code)
            # The request line without the origin, which all lines share, and with the true verb of a tunnelled one.
            verb, _, url = request.line.partition(" ")
            override = request.headers.get("X-HTTP-Method-Override")
            line = f"{verb}{f' ({override}, tunnelled)' if override else ''} /{url.split('/', 3)[-1]}"
            if len(line) > _LINE_WIDTH:
                line = f"{line[: _LINE_WIDTH - 1]}…"
        print(f"{self._method:20} {line:{_LINE_WIDTH}} {status:>3} {elapsed:6.1f} ms  {shown}")
        if expected is not None and shown != expected:
            self.failures += 1
            print(f"{'':20} WRONG: expected {expected}")

    async def refused(
        self, error: type[RestliError], method: Callable[P, Any], *args: P.args, **options: P.kwargs
    ) -> None:
        """Call a method that should raise this error, and print it as a user would meet it."""
        try:
            await self.call(method, *args, **options)
        except error as raised:
            self.outcome(f"{error.__name__}: {raised}")
        else:
            self.outcome("no error", error.__name__)


async def _show_accounts(show: _Show, client: RestliClient) -> None:
    account = {"name": "Autumn", "type": "BUSINESS", "currency": "EUR", "status": "DRAFT", "test": True}
    created = await show.call(client.create, "/adAccounts", account)
    show.outcome(f"id {created.entity_id}")
    entity, key = "/adAccounts/{id}", {"id": created.entity_id}
    found = await show.call(client.get, entity, path_keys=key, fields=["id", "name"])
    show.outcome(found.entity["name"], "Autumn")
    answer = await show.call(client.partial_update, entity, {"name": "Autumn and winter"}, path_keys=key)
    show.outcome(answer.status_code, 204)
    found = await show.call(client.get, entity, path_keys=key)
    show.outcome(found.entity["name"], "Autumn and winter")
    answer = await show.call(client.update, entity, {**found.entity, "status": "ACTIVE"}, path_keys=key)
    show.outcome(answer.status_code, 204)
    search: dict[str, Any] = {"status": {"values": ["DRAFT"]}, "test": True}
    page = await show.call(client.finder, "/adAccounts", "search", query_params={"search": search})
    show.outcome(f"{len(page.elements)} elements", "5 elements")
    page = await show.call(client.get_all, "/adAccounts", query_params={"start": 10, "count": 3})
    show.outcome(f"{len(page.elements)} of {page.paging.total}, from {page.paging.start}", "3 of 26, from 10")
    answer = await show.call(client.delete, entity, path_keys=key)
    show.outcome(answer.status_code, 204)
    await show.refused(NotFoundError, client.get, entity, path_keys=key)


async def _show_batches(show: _Show, client: RestliClient) -> None:
    groups, keys, ids = "/adAccounts/{account}/adCampaignGroups", {"account": 5001}, range(600_000_101, 600_000_501)
    answer = await show.call(client.batch_get, groups, ids, path_keys=keys)
    show.outcome(_rows(answer), "399 of 400 rows have an entity")
    paused = [{"status": "PAUSED"} for _ in ids[:3]]
    answer = await show.call(client.batch_partial_update, groups, ids[:3], paused, path_keys=keys)
    show.outcome([row.status for row in answer.rows], [204, 204, 204])
    answer = await show.call(client.batch_delete, groups, ids[:2], path_keys=keys)
    show.outcome([row.status for row in answer.rows], [204, 204])
    answer = await show.call(client.batch_create, "/adCampaigns", [{"name": "Spring"}, {"name": "Summer"}])
    show.outcome([one.status for one in answer.elements], [201, 201])
    criteria = ("criteria", [{"status": "ACTIVE"}, {"status": "PAUSED"}])
    answer = await show.call(client.batch_finder, "/adCampaigns", "searchCriteria", criteria)
    show.outcome([len(found.elements) for found in answer.results], [8, 4])
    campaign = Urn.of("sponsoredCampaign", 700_000_001)
    complex_keys = [
        {"campaign": campaign, "conversion": f"urn:lla:llaPartnerConversion:{number}"} for number in (1002, 1001, 9)
    ]
    answer = await show.call(client.batch_update, "/campaignConversions", complex_keys, complex_keys)
    show.outcome([row.status for row in answer.rows], [204, 204, 404])


async def _show_posts(show: _Show, client: RestliClient) -> None:
    post = {"author": Urn.of("organization", 2414183), "commentary": "Sans-IO is a fine idea.", "visibility": "PUBLIC"}
    created = await show.call(client.create, "/posts", post)
    show.outcome(created.decoded_entity_id)
    found = await show.call(client.get, "/posts/{urn}", path_keys={"urn": created.decoded_entity_id})
    show.outcome(found.entity["commentary"], post["commentary"])
    await show.refused(UnprocessableEntityError, client.create, "/posts", post)
    upload = {"initializeUploadRequest": {"owner": "urn:li:organization:2414183"}}
    answer = await show.call(client.action, "/images", "initializeUpload", upload)
    image = answer.value["image"]
    show.outcome(image, image if image.startswith("urn:li:image:") else "urn:li:image:...")


async def _show_reading(show: _Show, client: RestliClient, profile_base_url: str | None) -> None:
    found = await show.call(client.get, "/me", base_url=profile_base_url)
    show.outcome(f"member {found.entity['id']}")
    params = {"search": {"status": {"values": ["ACTIVE", "DRAFT"]}}, "pageSize": 5}
    page = await show.call(client.finder, "/adAccounts", "search", query_params=params)
    show.outcome(f"{len(page.elements)} elements")
    ids = [account["id"] for account in page.elements]
    answer = await show.call(client.batch_get, "/adAccounts", ids, fields=["id", "name"])
    show.outcome(_rows(answer))
    for key in ids[:1]:
        found = await show.call(client.get, "/adAccounts/{id}", path_keys={"id": key})
        show.outcome(found.entity["name"])


def _rows(answer: Any) -> str:
    return f"{sum(row.entity is not None for row in answer.rows)} of {len(answer.rows)} rows have an entity"


@contextmanager
def _service(options: argparse.Namespace) -> Generator[tuple[Any, type[RestliClient | AsyncRestliClient], str | None]]:
    """Give a transport, the kind of client that it serves, and the base URL of what it reaches: None for LinkedIn's."""
    if options.transport == _FAKE:
        yield FakeTransport(sample_handlers()), RestliClient, None
        return
    from restli_transports.testing.server import RestliServer  # which needs h11

    module, name, make_client = _TRANSPORTS[options.transport]
    transport = getattr(import_module(f"restli_transports.{module}"), name)()
    with RestliServer(sample_handlers(), base_path="/rest") as server:
        yield transport, make_client, server.base_url


async def _run(options: argparse.Namespace, token: str | None) -> int:
    """Make the calls that the options ask for, and return how many of them did not give what they should."""
    reads_only = options.transport != _FAKE and bool(options.base_url or token)
    with _service(options) as (made, make_client, base_url):
        transport = _WatchedTransport(made)
        show = _Show(transport)
        # Any, since it may be of either kind: `show.call` awaits what is to be awaited.
        client: Any = make_client(
            transport,
            access_token=token if token and reads_only else "made-up",
            version_string=options.version_string,
            base_url=options.base_url if reads_only else base_url,
        )
        try:
            if reads_only:
                # LinkedIn's own profiles are at the base URL without versions.
                await _show_reading(show, client, options.base_url or "https://api.linkedin.com/v2")
            else:
                for part in (_show_accounts, _show_batches, _show_posts):
                    await part(show, client)
        except RestliError as error:
            show.failures += 1
            print(f"{type(error).__name__}: {error}")
        closed = transport.close()
        if isawaitable(closed):
            await closed
    return show.failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Show every method of Rest.li at work; or, with a token or a URL, those that only read, on a real service."""
    parser = argparse.ArgumentParser(prog="python -m restli_transports.demo", description=main.__doc__)
    parser.add_argument("--base-url", help="the service to read from; by default LinkedIn's, where there is a token")
    parser.add_argument("--version-string", default="202609", help="the version of LinkedIn's API (%(default)s)")
    choices = [*_TRANSPORTS, _FAKE]
    parser.add_argument("--transport", default="urllib3", choices=choices, help="what sends (%(default)s)")
    options = parser.parse_args(arguments)
    show_any_text()
    if options.base_url and options.transport == _FAKE:
        parser.error("--base-url goes with a transport that sends, and the fake one does not")
    failures = asyncio.run(_run(options, os.environ.get("LINKEDIN_ACCESS_TOKEN")))
    print("Something went wrong." if failures else "All as expected.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
