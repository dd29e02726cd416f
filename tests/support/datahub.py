"""A DataHub that remembers aspects: the answers of its metadata service, over `Handlers`, and what it was asked.

Its resources, methods and parameters are those of the service's own descriptions (restli-api/src/main/idl), its answers
those of its README and of the resource classes (metadata-service of DataHub, 2024 to 2026).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from restli_core import Urn
from restli_core.server import Invocation, Refusal
from restli_transports.testing.handlers import HasHandlers
from tests.support.pages import programs_in, text_of

PAGE = text_of("docs/datahub.md")
PROGRAMS = programs_in(PAGE)

# An aspect -> the type that snapshots and versioned aspects name it by.
ASPECT_TYPES = {
    "datasetProperties": "com.linkedin.dataset.DatasetProperties",
    "domainProperties": "com.linkedin.domain.DomainProperties",
    "globalTags": "com.linkedin.common.GlobalTags",
    "ownership": "com.linkedin.common.Ownership",
    "status": "com.linkedin.common.Status",
}
ASPECT_NAMES = {name: aspect for aspect, name in ASPECT_TYPES.items()}
CREATED = {"actor": "urn:li:corpuser:UNKNOWN", "time": 1646245614843}


def dataset_urn_of_the_page() -> Callable[..., Urn]:
    """Return the function of docs/datahub.md that makes the URN of a dataset."""
    names: dict[str, Any] = {"__name__": "datahub"}
    [definition] = re.findall(r"^(.*^def dataset_urn.*?)\n\n\n", "\n".join(PROGRAMS), re.DOTALL | re.MULTILINE)
    exec(compile(definition, "docs/datahub.md", "exec"), names)
    function: Callable[..., Urn] = names["dataset_urn"]
    return function


def refusal(status: int, message: str) -> Refusal:
    """Return an error with the fields that DataHub's have."""
    name = "com.linkedin.restli.server.RestLiServiceException"
    trace = f"{name} [HTTP Status:{status}]: {message}\n\tat com.linkedin.metadata.resources.restli.RestliUtils.toTask"
    return Refusal(status, message, exceptionClass=name, stackTrace=trace)


def enveloped(name: str, value: Any) -> dict[str, Any]:
    """Return an aspect as /entitiesV2 has it."""
    return {"name": name, "version": 0, "value": value, "created": CREATED}


class DataHub:
    """The metadata service, with the aspects that it was sent.

    Args:
        handlers: where it registers its answers.

    Attributes:
        aspects: the versions of each aspect, the oldest first, by URN and name.
        buckets: the usage that it was sent.
        asked: what it was asked, in its order.
        busy: URNs whose next proposal gets a 503.
    """

    def __init__(self, handlers: HasHandlers) -> None:
        self.aspects: dict[str, dict[str, list[Any]]] = {}
        self.buckets: list[Any] = []
        self.asked: list[Invocation] = []
        self.busy: set[str] = set()
        answers: list[tuple[str, str, str | None, Callable[[Invocation], Any]]] = [
            ("/aspects/{urn}", "action", "ingestProposal", self._ingest_proposal),
            ("/aspects/{urn}", "action", "ingestProposalBatch", self._ingest_proposals),
            ("/aspects/{urn}", "action", "getCount", self._count),
            ("/aspects/{urn}", "get", None, self._versioned_aspect),
            ("/entities/{urn}", "action", "ingest", self._ingest_snapshot),
            ("/entities/{urn}", "action", "search", self._search),
            ("/entities/{urn}", "action", "listUrns", self._list_urns),
            ("/entities/{urn}", "action", "delete", self._delete),
            ("/entities/{urn}", "get", None, self._snapshot),
            ("/entitiesV2/{urn}", "get", None, self._entity),
            ("/relationships", "get", None, self._relationships),
            ("/usageStats", "action", "batchIngest", self._ingest_usage),
            ("/config", "get", None, lambda _: {"noCode": "true", "models": {}, "versions": {}}),
        ]
        for resource, method, name, answer in answers:
            handlers.on(resource, method, self._noted(answer), name=name)

    def _noted(self, answer: Callable[[Invocation], Any]) -> Callable[[Invocation], Any]:
        def note_and_answer(invocation: Invocation) -> Any:
            self.asked.append(invocation)
            return answer(invocation)

        return note_and_answer

    # -- writes --------------------------------------------------------------------------------------------------------

    def _write(self, urn: str, aspect: str, value: Any) -> None:
        self.aspects.setdefault(urn, {}).setdefault(aspect, []).append(value)

    def _ingest(self, proposals: Iterable[Mapping[str, Any]]) -> str:
        # One that is refused has all refused: nothing is written before all are checked.
        for proposal in (checked := [*proposals]):
            if proposal["aspectName"] not in ASPECT_TYPES and proposal["changeType"] != "DELETE":
                raise refusal(422, f"Unknown aspect {proposal['aspectName']} for entity {proposal['entityType']}")
        for proposal in checked:
            if proposal["changeType"] == "DELETE":  # of the key's aspect, and so of all
                self.aspects.pop(proposal["entityUrn"], None)
            else:
                self._write(proposal["entityUrn"], proposal["aspectName"], json.loads(proposal["aspect"]["value"]))
        return "success"

    def _ingest_proposal(self, invocation: Invocation) -> str:
        urn = invocation.entity["proposal"]["entityUrn"]
        if urn in self.busy:
            self.busy.remove(urn)
            raise refusal(503, "The service is not available")
        return self._ingest([invocation.entity["proposal"]])

    def _ingest_proposals(self, invocation: Invocation) -> str:
        return self._ingest(invocation.entity["proposals"])

    def _ingest_snapshot(self, invocation: Invocation) -> None:
        for snapshot in invocation.entity["entity"]["value"].values():
            for aspect in snapshot["aspects"]:
                for name, value in aspect.items():
                    if name not in ASPECT_NAMES:
                        raise refusal(422, f"ERROR :: /value/{name} :: unrecognized field found but not allowed")
                    self._write(snapshot["urn"], ASPECT_NAMES[name], value)

    def _ingest_usage(self, invocation: Invocation) -> None:
        self.buckets += invocation.entity["buckets"]

    def _delete(self, invocation: Invocation) -> dict[str, Any]:
        urn = invocation.entity["urn"]
        return {"urn": urn, "rows": sum(map(len, self.aspects.pop(urn, {}).values())), "timeseriesRows": 0}

    # -- reads ---------------------------------------------------------------------------------------------------------

    def _latest(self, urn: str, wanted: Any = None) -> dict[str, Any]:
        """Return the aspects of an entity as they are now: those of these names; None for all."""
        written = self.aspects.get(urn, {})
        return {name: versions[-1] for name, versions in written.items() if wanted is None or name in wanted}

    def _versioned_aspect(self, invocation: Invocation) -> dict[str, Any] | None:
        name, version = str(invocation.params["aspect"]), int(str(invocation.params["version"]))
        versions = self.aspects.get(invocation.key, {}).get(name, [])
        # 0 is the latest; the others count from 1, the oldest.
        if not 0 <= version <= len(versions) or not versions:
            return None
        return {"version": version, "aspect": {ASPECT_TYPES[name]: versions[version - 1]}}

    def _snapshot(self, invocation: Invocation) -> dict[str, Any]:
        latest = self._latest(invocation.key, invocation.params.get("aspects"))
        aspects = [{ASPECT_TYPES[name]: value} for name, value in latest.items()]
        return {
            "value": {"com.linkedin.metadata.snapshot.DatasetSnapshot": {"urn": invocation.key, "aspects": aspects}}
        }

    def _entity(self, invocation: Invocation) -> dict[str, Any]:
        latest = self._latest(invocation.key, invocation.params.get("aspects"))
        aspects = {name: enveloped(name, value) for name, value in latest.items()}
        return {"urn": invocation.key, "entityName": "dataset", "aspects": aspects}

    def _count(self, invocation: Invocation) -> int:
        return sum(invocation.entity["aspect"] in aspects for aspects in self.aspects.values())

    def _list_urns(self, invocation: Invocation) -> dict[str, Any]:
        start, count = invocation.entity["start"], invocation.entity["count"]
        urns = [urn for urn in self.aspects if urn.startswith(f"urn:li:{invocation.entity['entity']}:")]
        page = urns[start : start + count]
        return {"start": start, "count": len(page), "total": len(urns), "entities": page}

    def _search(self, invocation: Invocation) -> dict[str, Any]:
        """Find entities by the values of their properties, as the filter says: criteria with and, and these with or."""
        asked = invocation.entity

        def is_met(criterion: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
            # The older form has one value, the newer one several.
            return properties.get(criterion["field"]) in [criterion.get("value"), *criterion.get("values", [])]

        found = [
            urn
            for urn in self.aspects
            for properties in [self._latest(urn).get(f"{asked['entity']}Properties", {})]
            if urn.startswith(f"urn:li:{asked['entity']}:")
            and any(all(is_met(one, properties) for one in every["and"]) for every in asked["filter"]["or"])
        ]
        page = found[asked["start"] : asked["start"] + asked["count"]]
        entities = [{"entity": urn, "matchedFields": []} for urn in page]
        return {"from": asked["start"], "pageSize": asked["count"], "numEntities": len(found), "entities": entities}

    def _relationships(self, invocation: Invocation) -> dict[str, Any]:
        """Find the entities that somebody owns."""
        owned = [
            {"type": "OwnedBy", "entity": urn}
            for urn in self.aspects
            for owner in self._latest(urn).get("ownership", {}).get("owners", [])
            if owner["owner"] == invocation.params["urn"] and "OwnedBy" in invocation.params["types"]
        ]
        return {"start": 0, "count": len(owned), "total": len(owned), "relationships": owned}
