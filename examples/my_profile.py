"""Reads the profile of the member whose token it is: plain, with some fields only, and with a decoration."""

from __future__ import annotations

from connection import place

from restli_transports import RestliClient

UNVERSIONED = "https://api.linkedin.com/v2"  # where the profile is


def main(client: RestliClient) -> None:
    print("plain     ", client.get("/me").entity)
    print("fields    ", client.get("/me", fields=["id", "localizedFirstName"]).entity)
    # LinkedIn's own extension: what ~ decorates is fetched along. To Rest.li it is a parameter like any other.
    decoration = "(id,profilePicture(displayImage~:playableStreams))"
    print("decoration", client.get("/me", query_params={"projection": decoration}).entity)


if __name__ == "__main__":
    with place() as there:
        unversioned = there._replace(base_url=there.base_url or UNVERSIONED)
        with RestliClient(**unversioned._asdict()) as client:
            main(client)
