"""An SDK for ad accounts: described once as calls, sent by a blocking client and by an asynchronous one."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Coroutine, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from connection import argument, connection

from restli_core import Call, Calls, CreateResponse, InvalidResponseError, Urn
from restli_core.flows import Flow, step
from restli_transports import AsyncRestliClient, RestliClient

M = TypeVar("M")
T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class Model(Generic[M]):
    """How an entity becomes a value of one's own, and such a value what create sends."""

    fields: tuple[str, ...]
    read: Callable[[Any], M]
    write: Callable[[M], Mapping[str, Any]]


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of what a finder finds."""

    elements: list[M]


def new_key(answer: CreateResponse) -> int:
    """Return the key of what was made; an answer without one says too little."""
    if answer.entity_id is None:
        raise InvalidResponseError("it has no id of the new account", answer.response, answer.request)
    return int(answer.entity_id)


class AdAccountCalls(Generic[M]):
    """What can be asked of ad accounts: each method makes a call, and sends nothing."""

    def __init__(self, calls: Calls, model: Model[M]) -> None:
        self._calls = calls
        self._model = model

    def get(self, key: int) -> Call[M]:
        """Read one."""
        call = self._calls.get("/adAccounts/{id}", path_keys={"id": key}, fields=self._model.fields)
        return call.map(lambda answer: self._model.read(answer.entity))

    def get_many(self, keys: Iterable[int]) -> Call[dict[int, M]]:
        """Read those of these that there are."""
        call = self._calls.batch_get("/adAccounts", [*keys], fields=self._model.fields)
        return call.map(lambda answer: {row.id: self._model.read(row.entity) for row in answer.rows if not row.failed})

    def search(self, *statuses: str, page_size: int = 100) -> Call[Page[M]]:
        """Find all, or those with one of these statuses; this is the first page."""
        search = {"status": {"values": [*statuses]}} if statuses else None
        query = {"search": search, "pageSize": page_size}
        call = self._calls.finder("/adAccounts", "search", query_params=query, fields=self._model.fields)
        return call.map(lambda answer: Page([self._model.read(one) for one in answer.elements]))

    def create(self, account: M) -> Call[int]:
        """Make one, and tell its key."""
        call = self._calls.create("/adAccounts", self._model.write(account))
        return call.map(new_key)

    def rename(self, key: int, name: str) -> Call[None]:
        """Give one another name."""
        call = self._calls.partial_update("/adAccounts/{id}", {"name": name}, path_keys={"id": key})
        return call.map(lambda _answer: None)

    def delete(self, key: int) -> Call[None]:
        """Delete one."""
        return self._calls.delete("/adAccounts/{id}", path_keys={"id": key}).map(lambda _answer: None)

    def copy(self, key: int, name: str) -> Flow[M]:
        """Make one like this under another name, and read it: three calls."""
        old = yield from step(self._calls.get("/adAccounts/{id}", path_keys={"id": key}))
        entity = {field: value for field, value in old.entity.items() if field != "id"}
        created = yield from step(self._calls.create("/adAccounts", {**entity, "name": name}))
        return (yield from step(self.get(new_key(created))))


def blocking(
    describe: Callable[Concatenate[AdAccountCalls[M], P], Call[T]],
) -> Callable[Concatenate[AdAccounts[M], P], T]:
    """Return a method with the arguments of a description, which sends its call and returns what it is mapped to."""

    @wraps(describe)
    def method(self: AdAccounts[M], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.client.send(describe(self.calls, *args, **kwargs))

    return method


def awaited(
    describe: Callable[Concatenate[AdAccountCalls[M], P], Call[T]],
) -> Callable[Concatenate[AsyncAdAccounts[M], P], Coroutine[Any, Any, T]]:
    """Return the same, awaited."""

    @wraps(describe)
    async def method(self: AsyncAdAccounts[M], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.client.send(describe(self.calls, *args, **kwargs))

    return method


class AdAccounts(Generic[M]):
    """Ad accounts by a blocking client."""

    def __init__(self, client: RestliClient, model: Model[M]) -> None:
        self.client = client
        self.calls = AdAccountCalls(client.calls, model)

    get = blocking(AdAccountCalls[M].get)
    get_many = blocking(AdAccountCalls[M].get_many)
    create = blocking(AdAccountCalls[M].create)
    rename = blocking(AdAccountCalls[M].rename)
    delete = blocking(AdAccountCalls[M].delete)

    def search(self, *statuses: str) -> Iterable[M]:
        """Find all, or those with one of these statuses, page after page."""
        return self.client.elements(self.calls.search(*statuses))

    def copy(self, key: int, name: str) -> M:
        """Make one like this under another name, and read it."""
        return self.client.run(self.calls.copy(key, name))


class AsyncAdAccounts(Generic[M]):
    """Ad accounts by an asynchronous client."""

    def __init__(self, client: AsyncRestliClient, model: Model[M]) -> None:
        self.client = client
        self.calls = AdAccountCalls(client.calls, model)

    get = awaited(AdAccountCalls[M].get)
    get_many = awaited(AdAccountCalls[M].get_many)
    create = awaited(AdAccountCalls[M].create)
    rename = awaited(AdAccountCalls[M].rename)
    delete = awaited(AdAccountCalls[M].delete)

    def search(self, *statuses: str) -> AsyncIterable[M]:
        """Find all, or those with one of these statuses, page after page."""
        return self.client.elements(self.calls.search(*statuses))

    async def copy(self, key: int, name: str) -> M:
        """Make one like this under another name, and read it."""
        return await self.client.run(self.calls.copy(key, name))


@dataclass(frozen=True)
class AdAccount:
    """An ad account; a new one has no id."""

    name: str
    currency: str
    reference: Urn
    status: str = "ACTIVE"
    id: int | None = None


def read(entity: dict[str, Any]) -> AdAccount:
    fields: dict[str, Any] = {**entity, "reference": Urn(entity["reference"])}
    return AdAccount(**fields)


def write(account: AdAccount) -> dict[str, Any]:
    return {name: value for name, value in asdict(account).items() if value is not None}


AD_ACCOUNT = Model(("id", "name", "currency", "reference", "status"), read, write)


if __name__ == "__main__":
    with connection() as client:
        accounts = AdAccounts(client, AD_ACCOUNT)
        key = int(argument("account", local="5001"))
        account = accounts.get(key)
        print(account.name, account.reference.id)
        print([one.name for one in accounts.search("DRAFT")])
        copied = accounts.copy(key, f"{account.name} (2)")
        print(copied)
