"""DataHub's own emitter, made to send what it is told: run by the Python of an environment that has `acryl-datahub`.

    python -P tests/support/datahub_emitter.py BASE_URL TOKEN < jobs.json

It reads a list of jobs, has each done by the emitter or by the graph client that is built upon it, both of which speak
Rest.li here, and prints a line of JSON for each: ``{"result": ...}``, or ``{"error": ...}`` with the words of the
OperationalError. It is a program of its own, and imports nothing of this project.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

# As if they had no types: where the other programs run, they are not installed.
rest_emitter: Any = import_module("datahub.emitter.rest_emitter")
mce_builder: Any = import_module("datahub.emitter.mce_builder")
proposals: Any = import_module("datahub.emitter.mcp")
schema: Any = import_module("datahub.metadata.schema_classes")
errors: Any = import_module("datahub.configuration.common")


def aspect(name: str, value: dict[str, Any]) -> Any:
    """Return an aspect as an object of theirs."""
    if name == "globalTags":
        return schema.GlobalTagsClass(tags=[schema.TagAssociationClass(**tag) for tag in value["tags"]])
    classes = {
        "datasetProperties": schema.DatasetPropertiesClass,
        "domainProperties": schema.DomainPropertiesClass,
        "status": schema.StatusClass,
        "subTypes": schema.SubTypesClass,
    }
    return classes[name](**value)


def proposal(urn: str, name: str, value: dict[str, Any]) -> Any:
    """Return a proposal to write an aspect."""
    return proposals.MetadataChangeProposalWrapper(entityUrn=urn, aspect=aspect(name, value))


def _urn(_: Any, job: dict[str, Any]) -> Any:
    parts = {"platform": job["platform"], "name": job["name"], "env": job["env"]}
    return mce_builder.make_dataset_urn_with_platform_instance(**parts, platform_instance=job["instance"])


def _snapshot(emitter: Any, job: dict[str, Any]) -> Any:
    aspects = [aspect(one["name"], one["value"]) for one in job["proposals"]]
    snapshot = schema.DatasetSnapshotClass(urn=job["proposals"][0]["urn"], aspects=aspects)
    return emitter.emit(schema.MetadataChangeEventClass(proposedSnapshot=snapshot))


def _usage(emitter: Any, job: dict[str, Any]) -> Any:
    metrics = schema.UsageAggregationMetricsClass(uniqueUserCount=job["users"], totalSqlQueries=job["queries"])
    of_a_day = {"bucket": job["bucket"], "duration": "DAY", "resource": job["urn"], "metrics": metrics}
    return emitter.emit(schema.UsageAggregationClass(**of_a_day))


def _aspect(graph: Any, job: dict[str, Any]) -> Any:
    found = graph.get_aspect(job["urn"], schema.DatasetPropertiesClass, version=job["version"])
    return None if found is None else found.to_obj()


def _delete_proposal(emitter: Any, job: dict[str, Any]) -> Any:
    removal = {"changeType": "DELETE", "aspectName": "datasetKey"}
    return emitter.emit(proposals.MetadataChangeProposalWrapper(entityUrn=job["urn"], **removal))


# What is done for each kind of job, and gives what is made of the answer.
PERFORM: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "urn": _urn,
    "proposal": lambda emitter, job: emitter.emit(proposal(**job["proposals"][0])),
    "batch": lambda emitter, job: emitter.emit_mcps([proposal(**one) for one in job["proposals"]]),
    "snapshot": _snapshot,
    "usage": _usage,
    "aspect": _aspect,
    "entity": lambda graph, job: graph.get_entity_raw(job["urn"], job["aspects"]),
    "search": lambda graph, job: graph.get_domain_urn_by_name(job["name"]),
    "urns": lambda graph, job: graph.list_all_entity_urns("dataset", job["start"], job["count"]),
    "count": lambda graph, job: graph.get_aspect_counts(job["aspect"]),
    "delete": lambda graph, job: graph.hard_delete_entity(job["urn"]),
    "delete proposal": _delete_proposal,
}
WRITES = {"proposal", "batch", "snapshot", "usage", "delete proposal"}


def main(base_url: str, token: str) -> None:
    """Do the jobs that standard input has."""
    emitter = rest_emitter.DatahubRestEmitter(base_url, token=token, openapi_ingestion=False)
    emitter.test_connection()
    # The graph client is an emitter that also reads; the writes are the emitter's own.
    graph = emitter.to_graph()
    for job in json.load(sys.stdin):
        try:
            sender = emitter if job["kind"] in WRITES else graph
            done = {"result": PERFORM[job["kind"]](sender, job)}
        except errors.OperationalError as error:
            done = {"error": error.message}
        sys.stdout.write(f"{json.dumps(done)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
