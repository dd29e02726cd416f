"""The SDK for ad accounts with models of msgspec, which checks the types of what comes."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from connection import argument, connection
from sdk_ad_accounts import AdAccounts, Model

from restli_core import Urn


class AdAccount(msgspec.Struct, frozen=True, omit_defaults=True):
    """An ad account; a new one has no id."""

    name: str
    currency: str
    reference: Urn
    status: str = "ACTIVE"
    id: int | None = None


def as_urn(kind: type[Any], value: Any) -> Any:
    """Return what msgspec has no way to make by itself."""
    if kind is Urn:
        return Urn(value)
    raise NotImplementedError(kind)


AD_ACCOUNT: Model[AdAccount] = Model(
    fields=AdAccount.__struct_fields__,
    read=partial(msgspec.convert, type=AdAccount, dec_hook=as_urn),
    write=partial(msgspec.to_builtins, enc_hook=str),
)


if __name__ == "__main__":
    with connection() as client:
        accounts = AdAccounts(client, AD_ACCOUNT)
        print(accounts.get(int(argument("account", local="5001"))))
        key = accounts.create(AdAccount("Summer", "EUR", Urn("urn:li:organization:5")))
        print(accounts.get(key).reference.id)
