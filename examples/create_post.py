"""Publishes a post as an organization, and reads it back by the URN that it was given."""

from __future__ import annotations

from connection import argument, connection

from restli_core import Urn
from restli_transports import RestliClient


def main(client: RestliClient, organization: Urn) -> None:
    post = {
        "author": organization,
        "commentary": "Sans-IO is a fine idea.",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    created = client.create("/posts", post)
    print("created", created.decoded_entity_id)

    read = client.get("/posts/{post}", path_keys={"post": created.decoded_entity_id}).entity
    print("read   ", read["commentary"])


if __name__ == "__main__":
    with connection() as client:
        main(client, Urn.of("organization", argument("organization", local="2414183")))
