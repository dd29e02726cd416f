"""All ad accounts with all of their campaigns, as CSV: one row a campaign, and one for an account without any."""

from __future__ import annotations

import csv
import sys

from connection import connection

from restli_transports import RestliClient

PAGE_SIZE = 100  # LinkedIn's default; it takes up to 1,000
COLUMNS = ["account", "account_name", "currency", "campaign", "campaign_name", "status"]


def main(client: RestliClient) -> None:
    calls, page = client.calls, {"pageSize": PAGE_SIZE}
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)

    for account in client.elements(calls.finder("/adAccounts", "search", query_params=page)):
        row = [account["id"], account["name"], account["currency"]]
        campaigns = calls.finder(
            "/adAccounts/{account}/adCampaigns", "search", path_keys={"account": account["id"]}, query_params=page
        )
        is_empty = True
        for campaign in client.elements(campaigns):
            table.writerow([*row, campaign["id"], campaign["name"], campaign["status"]])
            is_empty = False
        if is_empty:
            table.writerow([*row, "", "", ""])


if __name__ == "__main__":
    with connection() as client:
        main(client)
