"""Renames thousands of campaigns by batches, some of which are on their way at the same time.

--ids names a file with the id of a campaign on each line. --journal names one that is written: started again with it,
after a crash or Ctrl-C, the program goes on where it was. With --local 5,000 campaigns are made first, by batches, too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from connection import argument, connection

from restli_transports import RestliClient

PATH = "/adCampaigns"


def main(client: RestliClient, ids: Sequence[int], journal: Path) -> None:
    names = ({"name": f"Campaign {number} of {len(ids)}"} for number, _ in enumerate(ids, start=1))

    failed = 0
    for row in client.send_rows(client.calls.batch_partial_update, PATH, ids, names, journal=journal):
        if row.failed:
            failed += 1
            print(row.id, row.exception or row.error)
    print(f"{len(ids) - failed} renamed, {failed} failed")


def made_up(client: RestliClient, count: int) -> list[int]:
    """Create campaigns, and return their ids."""
    campaigns = ({"name": f"New {number}", "status": "DRAFT"} for number in range(count))
    return [int(row.key or 0) for row in client.send_rows(client.calls.batch_create, PATH, campaigns, size=500)]


if __name__ == "__main__":
    with connection() as client, TemporaryDirectory() as directory:
        if "--local" in sys.argv:
            main(client, made_up(client, 5000), Path(directory, "renamed.jsonl"))
        else:
            ids = Path(argument("ids", local="")).read_text(encoding="utf-8").split()
            main(client, [int(one) for one in ids], Path(argument("journal", local="")))
