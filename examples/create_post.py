"""Publishes a post as an organization, and reads it back by the URN that it was given."""

from __future__ import annotations

from connection import argument, connection

from restli_core import Urn
from restli_core.linkedin import little_text, posts
from restli_transports import RestliClient


def main(client: RestliClient, organization: Urn) -> None:
    post = posts.text(organization, ["Sans-IO is a fine idea (still). ", little_text.hashtag("python")])
    created = client.create("/posts", post)
    print("created", created.decoded_entity_id)

    read = client.get("/posts/{post}", path_keys={"post": created.decoded_entity_id}).entity
    print("read   ", little_text.plain(read["commentary"]))


if __name__ == "__main__":
    with connection() as client:
        main(client, Urn.of("organization", argument("organization", local="2414183")))
