"""Ties conversions to campaigns: a batch update by complex keys, and what became of each."""

from __future__ import annotations

from connection import argument, connection

from restli_core import Urn
from restli_transports import RestliClient


def main(client: RestliClient, campaign: Urn, conversions: list[Urn]) -> None:
    keys = [{"campaign": campaign, "conversion": conversion} for conversion in conversions]
    answer = client.batch_update("/campaignConversions", keys, keys)
    for row in answer.rows:
        print(row.id["conversion"], row.status, (row.error or {}).get("message", ""))


if __name__ == "__main__":
    with connection() as client:
        main(
            client,
            Urn.of("sponsoredCampaign", argument("campaign", local="700000001")),
            [
                Urn.of("llaPartnerConversion", number, namespace="lla")
                for number in argument("conversions", local="1001,1002,1003").split(",")
            ],
        )
