"""An ad account from its creation to its deletion, and a search for accounts."""

from __future__ import annotations

from connection import connection

from restli_core import NotFoundError
from restli_transports import RestliClient


def main(client: RestliClient) -> None:
    created = client.create(
        "/adAccounts",
        {
            "name": "Autumn",
            "type": "BUSINESS",
            "currency": "EUR",
            "reference": "urn:li:organization:2414183",
            "test": True,
        },
    )
    key = {"id": created.entity_id}
    print("created", created.entity_id)

    account = client.get("/adAccounts/{id}", path_keys=key, fields=["id", "name", "status"]).entity
    print("read   ", account)

    client.partial_update("/adAccounts/{id}", {"name": "Autumn and winter"}, path_keys=key)
    print("renamed", client.get("/adAccounts/{id}", path_keys=key).entity["name"])

    search = {"status": {"values": ["ACTIVE", "DRAFT"]}, "test": True}
    found = client.finder("/adAccounts", "search", query_params={"search": search, "pageSize": 10})
    print("found  ", [account["name"] for account in found.elements], found.metadata)

    client.delete("/adAccounts/{id}", path_keys=key)
    try:
        client.get("/adAccounts/{id}", path_keys=key)
    except NotFoundError as error:
        print("deleted", error)


if __name__ == "__main__":
    with connection() as client:
        main(client)
