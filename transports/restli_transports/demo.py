"""The main job: every method of Rest.li at work, over real sockets, through the client that users would use.

    python -m restli_transports.demo                            all methods, against the embedded server
    python -m restli_transports.demo --transport h11-async      the same through another transport
    python -m restli_transports.demo --base-url URL             what only reads, against the server there
    LINKEDIN_ACCESS_TOKEN=... python -m restli_transports.demo  what only reads, against LinkedIn

One line a call: method, request, status, what came back, milliseconds. The exit status is 1 if anything went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from restli_core import HttpRequest, HttpResponse, NotFoundError, RestliError, UnprocessableEntityError, Urn
from restli_transports.client import AsyncRestliClient, RestliClient
from restli_transports.testing.sample import sample_handlers
from restli_transports.testing.server import RestliServer

if TYPE_CHECKING:
    from restli_transports.transport import Timeout

__all__ = ["main"]

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=RestliError)

# Their modules, and the client for them.
_TRANSPORTS: Final[Mapping[str, tuple[str, str, type[Any]]]] = {
    "urllib3": ("urllib3", "Urllib3Transport", RestliClient),
    "requests": ("requests", "RequestsTransport", RestliClient),
    "httpx": ("httpx", "HttpxTransport", RestliClient),
    "httpx-async": ("httpx", "HttpxAsyncTransport", AsyncRestliClient),
    "h11": ("h11", "H11Transport", RestliClient),
    "h11-async": ("h11", "H11AsyncTransport", AsyncRestliClient),
}
_UNVERSIONED: Final = "https://api.linkedin.com/v2"
_SHOWN_LINE: Final = 62


class _Watched:
    """A transport of either kind, which keeps the last exchange to be shown."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.exchange: tuple[HttpRequest, HttpResponse] | None = None

    def send(self, request: HttpRequest, *, timeout: Timeout) -> Any:
        self.exchange = None
        answer = self.transport.send(request, timeout=timeout)
        return self._later(request, answer) if isawaitable(answer) else self._now(request, answer)

    def close(self) -> Any:
        return self.transport.close()

    def _now(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        self.exchange = request, answer
        return answer

    async def _later(self, request: HttpRequest, answer: Awaitable[HttpResponse]) -> HttpResponse:
        return self._now(request, await answer)


async def _settled(answer: Any) -> Any:
    """What a method of either client gives."""
    return await answer if isawaitable(answer) else answer


class _Show:
    """Makes calls and prints a line for each; `failures` counts what did not come out as it should."""

    def __init__(self, watched: _Watched) -> None:
        self._watched = watched
        self.failures = 0

    async def call(
        self, method: Callable[P, T], tell: Callable[[T], object], expected: object, *args: P.args, **options: P.kwargs
    ) -> T:
        """Calls, and tells of the answer; what is told should be what is expected, if anything is."""
        started = time.perf_counter()
        answer: T = await _settled(method(*args, **options))
        told = tell(answer)
        self._line(method, str(told), started)
        if expected is not None and told != expected:
            self._fail(f"expected {expected}")
        return answer

    async def refused(self, error: type[E], method: Callable[P, object], *args: P.args, **options: P.kwargs) -> None:
        """Calls, and shows the error as a user would meet it."""
        started = time.perf_counter()
        try:
            await _settled(method(*args, **options))
        except error as raised:
            self._line(method, f"{type(raised).__name__}: {raised}", started)
        else:
            self._line(method, "no error", started)
            self._fail(f"expected {error.__name__}")

    def _line(self, method: Callable[..., object], told: str, started: float) -> None:
        line, status = "(not sent)", "-"
        if self._watched.exchange is not None:
            request, response = self._watched.exchange
            line, status = _shown(request), str(response.status_code)
        elapsed = (time.perf_counter() - started) * 1000
        print(f"{method.__name__:20} {line:{_SHOWN_LINE}} {status:>3} {elapsed:6.1f} ms  {told}")

    def _fail(self, reason: str) -> None:
        self.failures += 1
        print(f"{'':20} WRONG: {reason}")


def _shown(request: HttpRequest) -> str:
    """The request line without what every line would share, and the true verb of a tunnelled one."""
    verb, _, url = request.line.partition(" ")
    override = request.headers.get("X-HTTP-Method-Override")
    line = f"{verb}{f' ({override}, tunnelled)' if override else ''} /{url.split('/', 3)[-1]}"
    return line if len(line) <= _SHOWN_LINE else f"{line[: _SHOWN_LINE - 1]}…"


async def _ad_accounts(show: _Show, client: RestliClient) -> None:
    account = {"name": "Autumn", "type": "BUSINESS", "currency": "EUR", "status": "DRAFT", "test": True}
    created = await show.call(client.create, lambda answer: f"id {answer.entity_id}", None, "/adAccounts", account)
    entity, key = "/adAccounts/{id}", {"id": created.entity_id}
    await show.call(
        client.get, lambda answer: answer.entity["name"], "Autumn", entity, path_keys=key, fields=["id", "name"]
    )
    await show.call(client.partial_update, _status, 204, entity, {"name": "Autumn and winter"}, path_keys=key)
    name = await show.call(client.get, lambda answer: answer.entity["name"], "Autumn and winter", entity, path_keys=key)
    await show.call(client.update, _status, 204, entity, {**name.entity, "status": "ACTIVE"}, path_keys=key)
    search: dict[str, Any] = {"status": {"values": ["DRAFT"]}, "test": True}
    await show.call(client.finder, _found, "5 elements", "/adAccounts", "search", query_params={"search": search})
    await show.call(client.get_all, _page, "3 of 26, from 10", "/adAccounts", query_params={"start": 10, "count": 3})
    await show.call(client.delete, _status, 204, entity, path_keys=key)
    await show.refused(NotFoundError, client.get, entity, path_keys=key)


async def _campaigns(show: _Show, client: RestliClient) -> None:
    groups, keys, ids = "/adAccounts/{account}/adCampaignGroups", {"account": 5001}, range(600_000_101, 600_000_501)
    await show.call(client.batch_get, _rows, "399 of 400 rows have an entity", groups, ids, path_keys=keys)
    paused = [{"status": "PAUSED"} for _ in ids[:3]]
    await show.call(client.batch_partial_update, _statuses, [204, 204, 204], groups, ids[:3], paused, path_keys=keys)
    await show.call(client.batch_delete, _statuses, [204, 204], groups, ids[:2], path_keys=keys)
    new = [{"name": "Spring"}, {"name": "Summer"}]
    await show.call(
        client.batch_create, lambda answer: [one.status for one in answer.elements], [201, 201], "/adCampaigns", new
    )
    criteria = ("criteria", [{"status": "ACTIVE"}, {"status": "PAUSED"}])
    await show.call(client.batch_finder, _founds, [8, 4], "/adCampaigns", "searchCriteria", criteria)


async def _conversions(show: _Show, client: RestliClient) -> None:
    campaign = Urn.of("sponsoredCampaign", 700_000_001)
    keys = [
        {"campaign": campaign, "conversion": f"urn:lla:llaPartnerConversion:{number}"} for number in (1002, 1001, 9)
    ]
    await show.call(client.batch_update, _statuses, [204, 204, 404], "/campaignConversions", keys, keys)


async def _posts(show: _Show, client: RestliClient) -> None:
    post = {"author": Urn.of("organization", 2414183), "commentary": "Sans-IO is a fine idea.", "visibility": "PUBLIC"}
    created = await show.call(client.create, lambda answer: answer.decoded_entity_id, None, "/posts", post)
    keys: dict[str, Any] = {"urn": created.decoded_entity_id}
    await show.call(
        client.get, lambda answer: answer.entity["commentary"], post["commentary"], "/posts/{urn}", path_keys=keys
    )
    await show.refused(UnprocessableEntityError, client.create, "/posts", post)
    upload = {"initializeUploadRequest": {"owner": "urn:li:organization:2414183"}}
    image = "urn:li:image:C4E10AQFoyyAjHPMQuQ"
    await show.call(client.action, lambda answer: answer.value["image"], image, "/images", "initializeUpload", upload)


def _status(answer: Any) -> int:
    status: int = answer.status_code
    return status


def _statuses(answer: Any) -> list[int]:
    return [row.status for row in answer.rows]


def _rows(answer: Any) -> str:
    return f"{sum(row.entity is not None for row in answer.rows)} of {len(answer.rows)} rows have an entity"


def _found(answer: Any) -> str:
    return f"{len(answer.elements)} elements"


def _page(answer: Any) -> str:
    return f"{len(answer.elements)} of {answer.paging.total}, from {answer.paging.start}"


def _founds(answer: Any) -> list[int]:
    return [len(result.elements) for result in answer.results]


async def _everything(show: _Show, client: RestliClient) -> None:
    for part in (_ad_accounts, _campaigns, _conversions, _posts):
        await part(show, client)


async def _what_reads(show: _Show, client: RestliClient, profile_url: str | None) -> None:
    await show.call(client.get, lambda answer: f"member {answer.entity['id']}", None, "/me", base_url=profile_url)
    params = {"search": {"status": {"values": ["ACTIVE", "DRAFT"]}}, "pageSize": 5}
    found = await show.call(client.finder, _found, None, "/adAccounts", "search", query_params=params)
    ids = [account["id"] for account in found.elements]
    await show.call(client.batch_get, _rows, None, "/adAccounts", ids, fields=["id", "name"])
    for key in ids[:1]:
        await show.call(
            client.get, lambda answer: answer.entity["name"], None, "/adAccounts/{id}", path_keys={"id": key}
        )


def _transport(name: str) -> tuple[_Watched, type[Any]]:
    module, transport, client = _TRANSPORTS[name]
    return _Watched(getattr(import_module(f"restli_transports.{module}"), transport)()), client


async def _run(options: argparse.Namespace, token: str | None) -> int:
    watched, kind = _transport(options.transport)
    show = _Show(watched)
    with RestliServer(sample_handlers(), base_path="/rest") as server:
        reads_only = bool(options.base_url or token)
        base_url = options.base_url if reads_only else server.base_url
        client = kind(
            watched, access_token=token or "made-up", version_string=options.version_string, base_url=base_url
        )
        try:
            await (_what_reads(show, client, base_url or _UNVERSIONED) if reads_only else _everything(show, client))
        except RestliError as error:
            show.failures += 1
            print(f"{type(error).__name__}: {error}")
        await _settled(watched.close())
    return show.failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Shows every method of Rest.li at work; or, with a token or a URL, those that only read, on a real service."""
    parser = argparse.ArgumentParser(prog="python -m restli_transports.demo", description=main.__doc__)
    parser.add_argument("--base-url", help="the service to read from; by default LinkedIn's, where there is a token")
    parser.add_argument("--version-string", default="202609", help="the version of LinkedIn's API (%(default)s)")
    parser.add_argument("--transport", default="urllib3", choices=[*_TRANSPORTS], help="what sends (%(default)s)")
    options = parser.parse_args(arguments)
    failures = asyncio.run(_run(options, os.environ.get("LINKEDIN_ACCESS_TOKEN")))
    print("Something went wrong." if failures else "All as expected.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
