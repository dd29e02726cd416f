"""Reads 400 campaign groups in one call. Its query is too long for a URL, so the call is tunnelled by itself."""

from __future__ import annotations

from connection import argument, connection

import restli_core as restli
from restli_transports import RestliClient


def main(client: RestliClient, account: int, first: int) -> None:
    path, keys = "/adAccounts/{account}/adCampaignGroups", {"account": account}
    ids = range(first, first + 400)

    call = restli.batch_get(path, ids, path_keys=keys, fields=["id", "name"])
    print("as a POST for", call.request.headers["X-HTTP-Method-Override"])

    answer = client.batch_get(path, ids, path_keys=keys, fields=["id", "name"])
    print(sum(row.entity is not None for row in answer.rows), "found")
    for row in answer.rows:
        if row.error is not None:
            print(row.id, row.error["message"])


if __name__ == "__main__":
    with connection() as client:
        main(client, int(argument("account", local="5001")), int(argument("first", local="600000101")))
