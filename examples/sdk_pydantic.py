"""The SDK for ad accounts with models of pydantic, and asynchronous."""

from __future__ import annotations

import asyncio
from typing import Literal

import pydantic
from connection import Place, argument, place
from sdk_ad_accounts import AsyncAdAccounts, Model

from restli_core import Urn
from restli_transports import AsyncRestliClient
from restli_transports.h11 import H11AsyncTransport


class AdAccount(pydantic.BaseModel, frozen=True):
    """An ad account; a new one has no id."""

    name: str
    currency: str = pydantic.Field(pattern="[A-Z]{3}")
    reference: Urn
    status: Literal["ACTIVE", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED"] = "ACTIVE"
    id: int | None = None


AD_ACCOUNT = Model(
    fields=tuple(AdAccount.model_fields),
    read=AdAccount.model_validate,
    write=lambda account: account.model_dump(exclude_none=True),
)


async def main(where: Place, key: int) -> None:
    async with AsyncRestliClient(H11AsyncTransport(), **where._asdict()) as client:
        accounts = AsyncAdAccounts(client, AD_ACCOUNT)
        one, drafts = await asyncio.gather(accounts.get(key), accounts.get_many([5005, 5010, 7]))
        print(one.name, sorted(drafts))
        print([account.name async for account in accounts.search("DRAFT")])


if __name__ == "__main__":
    with place() as there:
        asyncio.run(main(there, int(argument("account", local="5001"))))
