"""Answers as one's own models: a call is mapped once, and sent anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from connection import Place, argument, place

import restli_core as restli
from restli_core import Call, GetResponse
from restli_transports import RestliClient


@dataclass(frozen=True)
class AdAccount:
    """What this program wants to know of an ad account."""

    id: int
    name: str
    currency: str

    @classmethod
    def from_answer(cls, answer: GetResponse) -> AdAccount:
        return cls(**{name: answer.entity[name] for name in ("id", "name", "currency")})


def ad_account(key: int, where: Place) -> Call[AdAccount]:
    """Return the call that reads one; it knows where it goes, and a client only has to send it."""
    call = restli.get(
        "/adAccounts/{id}", path_keys={"id": key}, base_url=where.base_url, version_string=where.version_string
    )
    return call.map(AdAccount.from_answer)


if __name__ == "__main__":
    with place() as there, RestliClient(**there._asdict()) as client:
        key = int(argument("account", local="5001"))
        print(client.send(ad_account(key, there)))
