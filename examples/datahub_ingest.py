"""Writes descriptions and owners of datasets to DataHub, whose metadata service is a Rest.li server, too.

--server names the service, such as http://localhost:8080; a token, where it wants one, is in DATAHUB_GMS_TOKEN.
--tables names a CSV file with the columns platform, name, description and owner. With --local some tables are made up,
and an embedded server stands for DataHub.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from connection import argument

from restli_core import Invocation, RetryPolicy, Urn
from restli_transports import RestliClient
from restli_transports.testing import RestliServer

MAX_PROPOSALS = 200  # in a batch, as DataHub's own emitter has it
MAX_BYTES = 15_000_000  # likewise; the server takes 16,000,000


class Table(NamedTuple):
    """What is known of a dataset."""

    platform: str
    name: str
    description: str
    owner: str


def dataset_urn(platform: str, name: str, env: str = "PROD", instance: str | None = None) -> Urn:
    """Return the URN of a dataset; its name may hold what has a meaning in URNs."""
    full_name = name if instance is None else f"{instance}.{name}"
    escaped = re.sub("[(),␟]", lambda found: quote(found[0], safe=""), full_name)
    return Urn.of("dataset", Urn.of("dataPlatform", platform), escaped, env)


def proposals(table: Table) -> Iterator[dict[str, Any]]:
    """Give the proposals that write what is known of a dataset, one for each aspect."""
    owner = {"owner": Urn.of("corpuser", table.owner), "type": "TECHNICAL_OWNER"}
    aspects: dict[str, Any] = {
        "datasetProperties": {"name": table.name, "description": table.description},
        "ownership": {"owners": [owner], "lastModified": {"time": 0, "actor": "urn:li:corpuser:datahub"}},
    }
    for name, aspect in aspects.items():
        yield {
            "entityType": "dataset",
            "entityUrn": dataset_urn(table.platform, table.name),
            "changeType": "UPSERT",
            "aspectName": name,
            # An aspect is JSON text within the JSON.
            "aspect": {"contentType": "application/json", "value": json.dumps(aspect)},
        }


def batches(all_proposals: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Give the proposals in lists that the server takes."""
    batch: list[dict[str, Any]] = []
    size = 0
    for proposal in all_proposals:
        length = len(json.dumps(proposal)) + 1
        if batch and (len(batch) == MAX_PROPOSALS or size + length > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(proposal)
        size += length
    if batch:
        yield batch


def main(client: RestliClient, tables: Sequence[Table]) -> None:
    failed = 0
    calls = (
        client.calls.action("/aspects", "ingestProposalBatch", {"proposals": batch, "async": "false"})
        for batch in batches(proposal for table in tables for proposal in proposals(table))
    )
    with client.send_all(calls, at_once=4) as sending:
        for sent in sending:
            if sent.error is not None:
                failed += 1
                print(sent.error)
    print(f"{len(tables)} datasets, {failed} batches failed")

    urn = dataset_urn(tables[-1].platform, tables[-1].name)
    aspects = {"aspects": ["datasetProperties", "ownership"]}
    found = client.get("/entitiesV2/{urn}", path_keys={"urn": urn}, query_params=aspects).entity["aspects"]
    print(urn)
    print(found["datasetProperties"]["value"]["description"])
    print(found["ownership"]["value"]["owners"][0]["owner"])


def stand_in() -> RestliServer:
    """Return a server that keeps aspects, and gives them back, as DataHub does."""
    server = RestliServer()
    written: dict[str, dict[str, Any]] = {}

    @server.on("/aspects/{urn}", "action", name="ingestProposalBatch")
    def ingest(invocation: Invocation) -> str:
        for one in invocation.entity["proposals"]:
            written.setdefault(one["entityUrn"], {})[one["aspectName"]] = json.loads(one["aspect"]["value"])
        return "success"

    @server.on("/entitiesV2/{urn}", "get")
    def entity(invocation: Invocation) -> dict[str, Any]:
        aspects = written.get(invocation.key, {})
        wanted = {name: {"name": name, "version": 0, "value": value} for name, value in aspects.items()}
        return {"urn": invocation.key, "entityName": "dataset", "aspects": wanted}

    return server


# A proposal may be written twice without harm, so whatever failed on the way is sent again.
RETRY = RetryPolicy(repeat="all")

if __name__ == "__main__":
    if "--local" in sys.argv:
        made_up = [Table("s3", f"logs (2026), part {number}", f"Part {number}", "ada") for number in range(1, 1001)]
        with stand_in() as server, RestliClient(base_url=server.base_url, retry=RETRY) as client:
            main(client, made_up)
    else:
        base_url, path = argument("server", local=""), Path(argument("tables", local=""))
        with path.open(encoding="utf-8", newline="") as file:
            tables = [Table(**row) for row in csv.DictReader(file)]
        token = os.environ.get("DATAHUB_GMS_TOKEN")
        with RestliClient(base_url=base_url, access_token=token, retry=RETRY) as client:
            main(client, tables)
