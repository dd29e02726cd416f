"""Reads 400 campaign groups by a cluster of two workers, each with half of the limit.

It needs Dask: pip install "restli-core[dask]". Here the cluster is two processes of this machine; in earnest it is
Client("tcp://scheduler:8786"). What is read is read again where a worker dies; see docs/executors.md for what writes.
"""

from __future__ import annotations

import sys
from functools import partial

from connection import argument, place
from distributed import Client, LocalCluster  # pyright: ignore[reportMissingImports]  # it is not in `dev`

import restli_core as restli
from restli_core import Limit
from restli_transports import RestliClient
from restli_transports.sending import send_all


def main(base_url: str | None, access_token: str, version_string: str, account: int, first: int) -> None:
    calls = restli.Calls(version_string, base_url)
    path, keys = "/adAccounts/{account}/adCampaignGroups", {"account": account}
    ids = range(first, first + 400)
    batches = [calls.batch_get(path, ids[start : start + 20], path_keys=keys) for start in range(0, 400, 20)]

    # A worker calls it once. The token goes to the workers with it, and on the wire of the cluster.
    make_client = partial(
        RestliClient,
        access_token=access_token,
        version_string=version_string,
        base_url=base_url,
        limits=[Limit(600, 60)],
    )
    found = failed = 0
    with (
        LocalCluster(n_workers=2, threads_per_worker=4, dashboard_address=":0") as cluster,
        Client(cluster) as dask,
        send_all(batches, make_client, dask.get_executor(), at_once=8, workers=2) as sending,
    ):
        for sent in sending:
            if sent.error is not None:
                print(sent.error, file=sys.stderr)
                failed += 1
            else:
                found += sum(row.entity is not None for row in sent.result().rows)
    print(found, "found by two workers,", failed, "calls failed")


if __name__ == "__main__":
    with place() as there:
        main(
            *there,
            account=int(argument("account", local="5001")),
            first=int(argument("first", local="600000101")),
        )
