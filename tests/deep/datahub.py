"""Have DataHub's own emitter send to the embedded server: ``python -m tests.deep.datahub --seed N --size N``.

An environment of its own gets the package `acryl-datahub`, and there `tests/support/datahub_emitter.py` sends
proposals, batches of them, snapshots and usage, reads aspects and entities, searches, counts and deletes, all of it by
Rest.li. Names of datasets, texts and platforms hold what a codec may stumble over. What each request means is known
before it is sent, and so is what the emitter is to make of the answer; both are compared.

Where the package cannot be downloaded, it says so and ends with status 0.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from restli_core.server import Invocation
from restli_transports.testing import RestliServer
from tests.deep.arguments import parser
from tests.deep.faults import show
from tests.support.datahub import DataHub, dataset_urn_of_the_page, enveloped

ROOT = Path(__file__).parents[2]
PACKAGE = "acryl-datahub==1.7.0.17"  # the version that its habits below are known of
TOKEN = "a-token"
MAX_PROPOSALS = 200  # in a request of the emitter
REFUSED = "Unable to emit metadata to DataHub GMS: Unknown aspect subTypes for entity dataset"

# What every request of the emitter must have.
HEADERS = {
    "X-RestLi-Protocol-Version": "2.0.0",
    "Content-Type": "application/json",
    "Authorization": f"Bearer {TOKEN}",
}

# fmt: off
PIECES = [
    *"abcXYZ019._-~", "(", ")", ",", "'", '"', "%", "%2C", "%28", "%25", " ", "  ", "\t", "\\", "\\u00e9", ":", "/",
    "?", "#", "&", "=", "+", "[", "]", "{", "|", "^", "`", "<", "*", "!", "$", ";", "@", "␟", "é", "ß", "漢字", "😀",
    "\u00a0", "\u2028", "e\u0301", "''", "List(", "urn:li:tag:x", "${x}", "None",
]
# fmt: on


# -- what is read of a request -----------------------------------------------------------------------------------------


def asked(
    resource: str,
    *,
    action: str | None = None,
    key: str | None = None,
    params: dict[str, Any] | None = None,
    body: Any = None,
) -> dict[str, Any]:
    """Return what a request asks, in a form that compares; it is a get where it is not an action."""
    method = "get" if action is None else "action"
    place = {"method": method, "resource": resource, "action": action}
    return {**place, "key": key, "params": params or {}, "body": body}


def asked_by(invocation: Invocation) -> dict[str, Any]:
    """Return what the server has read, in that form."""
    read = asked(
        invocation.resource,
        action=invocation.action,
        key=invocation.key,
        params=dict(invocation.params),
        body=_plain(invocation.entity),
    )
    return {**read, "method": invocation.method}


def _plain(body: Any) -> Any:
    """Return a body with its aspects as values rather than as JSON text, and without times and versions."""
    if body is None:
        return None
    plain = dict(body)
    if "systemMetadata" in plain:
        plain["systemMetadata"] = plain["systemMetadata"]["runId"]
    if "proposal" in plain:
        plain["proposal"] = _plain_proposal(plain["proposal"])
    if "proposals" in plain:
        plain["proposals"] = [_plain_proposal(one) for one in plain["proposals"]]
    return plain


def _plain_proposal(proposal: dict[str, Any]) -> dict[str, Any]:
    plain = {**proposal, "systemMetadata": proposal["systemMetadata"]["runId"]}
    aspect = proposal.get("aspect")
    return plain if aspect is None else {**plain, "aspect": {**aspect, "value": json.loads(aspect["value"])}}


def headers_of(invocation: Invocation) -> dict[str, str | None]:
    """Return the headers that a request has, of those that it must have."""
    return {name: invocation.headers.get(name) for name in HEADERS}


# -- jobs --------------------------------------------------------------------------------------------------------------


class Job(NamedTuple):
    """What the emitter is told to do.

    Attributes:
        order: it, as `datahub_emitter` takes it.
        asked: what its requests ask.
        done: what comes of it: the result, or the error.
    """

    order: dict[str, Any]
    asked: list[dict[str, Any]]
    done: dict[str, Any]


class Jobs:
    """Random jobs, and a model of what DataHub knows after them.

    Attributes:
        busy: URNs whose first proposal is answered with 503, which the emitter repeats.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.busy: set[str] = set()
        self.written: dict[str, dict[str, list[Any]]] = {}  # by URN and aspect, its versions
        self.proposed: set[str] = set()
        self.dataset_urn = dataset_urn_of_the_page()

    def draw(self) -> Job:
        """Return a job of a random kind."""
        kinds = [
            (4, self._urn), (6, self._proposal), (4, self._batch), (3, self._snapshot), (1, self._usage),
            (4, self._aspect), (4, self._entity), (2, self._domain), (2, self._search), (1, self._urns),
            (1, self._count), (2, self._delete), (1, self._refused),
        ]  # fmt: skip
        make = self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]
        return make()

    def _text(self) -> str:
        return "".join(self.random.choices(PIECES, k=self.random.randint(1, 8)))

    def _new_urn(self) -> str:
        """Return the URN of a dataset, as it should be or, at times, without what should be escaped."""
        platform = self.random.choice(["hive", "bigquery", "s3"])
        if self.random.random() < 0.3:
            return f"urn:li:dataset:(urn:li:dataPlatform:{platform},{self._text()},PROD)"
        return self.dataset_urn(platform, self._text())

    def _any_urn(self) -> str:
        """Return a URN that is known, mostly, or a new one."""
        known = [urn for urn in self.written if urn.startswith("urn:li:dataset:")]
        return self.random.choice(known) if known and self.random.random() < 0.8 else self._new_urn()

    def _aspect_of(self, urn: str) -> dict[str, Any]:
        """Return an aspect to write, with the fields that the emitter would add by itself."""
        text = self._text
        values: dict[str, Any] = {
            "datasetProperties": {
                "name": text(),
                "description": text(),
                "customProperties": {text(): text() for _ in range(self.random.randint(0, 3))},
                "tags": [],
            },
            "status": {"removed": self.random.random() < 0.5},
            "globalTags": {"tags": [{"tag": f"urn:li:tag:{text()}"} for _ in range(self.random.randint(0, 3))]},
        }
        name = self.random.choice([*values])
        return {"urn": urn, "name": name, "value": values[name]}

    def _write(self, urn: str, one: dict[str, Any]) -> None:
        self.written.setdefault(urn, {}).setdefault(one["name"], []).append(one["value"])

    def _urn(self) -> Job:
        names = {
            "platform": self.random.choice(["hive", "big query", "é"]),
            "name": self._text(),
            "env": self.random.choice(["PROD", "DEV"]),
            "instance": self.random.choice([None, self._text()]),
        }
        return Job({"kind": "urn", **names}, [], {"result": self.dataset_urn(**names)})

    def _propose(self, one: dict[str, Any], error: str | None = None) -> Job:
        # The emitter writes what is not ASCII in the URN of a single proposal as an escape, which is then its text.
        urn = "".join(char if char.isascii() else f"\\u{ord(char):04x}" for char in one["urn"])
        request = asked("/aspects/{urn}", action="ingestProposal", body={"proposal": sent(urn, one), "async": "false"})
        times = 1
        if urn not in self.proposed and self.random.random() < 0.1:
            self.busy.add(urn)
            times = 2
        self.proposed.add(urn)
        if error is None:
            self._write(urn, one)
        done = {"result": None} if error is None else {"error": error}
        return Job({"kind": "proposal", "proposals": [one]}, [request] * times, done)

    def _proposal(self) -> Job:
        return self._propose(self._aspect_of(self._any_urn()))

    def _refused(self) -> Job:
        one = {"urn": self._any_urn(), "name": "subTypes", "value": {"typeNames": [self._text()]}}
        return self._propose(one, REFUSED)

    def _domain(self) -> Job:
        value = {"name": self._text(), "customProperties": {}}
        return self._propose({"urn": f"urn:li:domain:{self._text()}", "name": "domainProperties", "value": value})

    def _batch(self) -> Job:
        return self.batch(self.random.randint(1, 6))

    def batch(self, number: int) -> Job:
        """Return a job with so many proposals at once, which the emitter cuts into several requests."""
        several = [self._aspect_of(self._any_urn()) for _ in range(number)]
        for one in several:
            self._write(one["urn"], one)
        requests = [
            asked(
                "/aspects/{urn}",
                action="ingestProposalBatch",
                body={"proposals": [sent(one["urn"], one) for one in part], "async": "false"},
            )
            for part in (several[start : start + MAX_PROPOSALS] for start in range(0, number, MAX_PROPOSALS))
        ]
        return Job({"kind": "batch", "proposals": several}, requests, {"result": []})

    def _snapshot(self) -> Job:
        urn = self._any_urn()
        several = [self._aspect_of(urn) for _ in range(self.random.randint(1, 3))]
        types = {
            "datasetProperties": "com.linkedin.dataset.DatasetProperties",
            "globalTags": "com.linkedin.common.GlobalTags",
            "status": "com.linkedin.common.Status",
        }
        for one in several:
            self._write(urn, one)
        snapshot = {"urn": urn, "aspects": [{types[one["name"]]: one["value"]} for one in several]}
        body = {
            "entity": {"value": {"com.linkedin.metadata.snapshot.DatasetSnapshot": snapshot}},
            "systemMetadata": "no-run-id-provided",
        }
        request = asked("/entities/{urn}", action="ingest", body=body)
        return Job({"kind": "snapshot", "proposals": several}, [request], {"result": None})

    def _usage(self) -> Job:
        urn, users, queries, bucket = self._any_urn(), *(self.random.randrange(10**6) for _ in range(3))
        metrics = {"uniqueUserCount": users, "totalSqlQueries": queries}
        body = {"buckets": [{"bucket": bucket, "duration": "DAY", "resource": urn, "metrics": metrics}]}
        order = {"kind": "usage", "urn": urn, "bucket": bucket, "users": users, "queries": queries}
        return Job(order, [asked("/usageStats", action="batchIngest", body=body)], {"result": None})

    def _aspect(self) -> Job:
        urn, version = self._any_urn(), self.random.choice([0, 0, 1, 2])
        versions = self.written.get(urn, {}).get("datasetProperties", [])
        found = versions[version - 1] if versions and version <= len(versions) else None
        params = {"aspect": "datasetProperties", "version": str(version)}
        request = asked("/aspects/{urn}", key=urn, params=params)
        return Job({"kind": "aspect", "urn": urn, "version": version}, [request], {"result": found})

    def _entity(self) -> Job:
        urn = self._any_urn()
        wanted = self.random.choice([None, ["status"], ["globalTags", "datasetProperties"]])
        known = self.written.get(urn, {})
        aspects = {
            name: enveloped(name, versions[-1]) for name, versions in known.items() if not wanted or name in wanted
        }
        request = asked("/entitiesV2/{urn}", key=urn, params={} if wanted is None else {"aspects": wanted})
        result = {"urn": urn, "entityName": "dataset", "aspects": aspects}
        return Job({"kind": "entity", "urn": urn, "aspects": wanted}, [request], {"result": result})

    def _search(self) -> Job:
        names = {
            urn: aspects["domainProperties"][-1]["name"]
            for urn, aspects in self.written.items()
            if "domainProperties" in aspects
        }
        name = self.random.choice([*names.values(), self._text()])
        criterion = {"field": "name", "values": [name], "condition": "EQUAL"}
        found = {"or": [{"and": [criterion]}]}
        body = {"input": "*", "entity": "domain", "start": 0, "count": 10, "filter": found}
        result = next((urn for urn, other in names.items() if other == name), None)
        request = asked("/entities/{urn}", action="search", body=body)
        return Job({"kind": "search", "name": name}, [request], {"result": result})

    def _urns(self) -> Job:
        start, count = self.random.randrange(5), self.random.randrange(1, 20)
        datasets = [urn for urn in self.written if urn.startswith("urn:li:dataset:")]
        body = {"entity": "dataset", "start": start, "count": count}
        request = asked("/entities/{urn}", action="listUrns", body=body)
        result = datasets[start : start + count]
        return Job({"kind": "urns", "start": start, "count": count}, [request], {"result": result})

    def _count(self) -> Job:
        name = self.random.choice(["status", "datasetProperties"])
        number = sum(name in aspects for aspects in self.written.values())
        request = asked("/aspects/{urn}", action="getCount", body={"aspect": name})
        return Job({"kind": "count", "aspect": name}, [request], {"result": number})

    def _delete(self) -> Job:
        urn, kind = self._any_urn(), self.random.choice(["delete", "delete proposal"])
        rows = sum(map(len, self.written.pop(urn, {}).values()))
        request = asked("/entities/{urn}", action="delete", body={"urn": urn})
        return Job({"kind": kind, "urn": urn}, [request], {"result": [rows, 0] if kind == "delete" else None})


def sent(urn: str, one: dict[str, Any]) -> dict[str, Any]:
    """Return a proposal as it is sent."""
    return {
        "entityType": urn.split(":")[2],
        "entityUrn": urn,
        "changeType": "UPSERT",
        "aspectName": one["name"],
        "aspect": {"contentType": "application/json", "value": one["value"]},
        "systemMetadata": "no-run-id-provided",
    }


# -- the environment ---------------------------------------------------------------------------------------------------


class NotDownloaded(Exception):
    """The package cannot be had here."""


def make_environment(folder: Path, package: str) -> Path:
    """Make an environment with the package, and return its Python.

    Raises:
        NotDownloaded: the package cannot be downloaded.
        RuntimeError: it can be, and cannot be installed.
    """
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-q"]
    wheels = folder / "wheels"
    download = [*pip, "download", "--no-deps", "--dest", str(wheels), package]
    loaded = subprocess.run(download, capture_output=True, text=True, check=False)
    if loaded.returncode:
        raise NotDownloaded((loaded.stderr.strip().splitlines() or ["pip said nothing"])[-1])
    install = [*pip, "install", *map(str, wheels.iterdir())]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise RuntimeError(f"{package} cannot be installed:\n{installed.stderr[-2000:]}")
    return python


def emit(python: Path, base_url: str, jobs: list[Job]) -> list[dict[str, Any]]:
    """Have the emitter do the jobs, and return what came of each."""
    with TemporaryDirectory() as home:
        # Nothing of the user's own settings, and no report of its use to its makers.
        environment = {"HOME": home, "PATH": os.environ["PATH"], "DATAHUB_TELEMETRY_ENABLED": "false"}
        program = [str(python), "-P", str(ROOT / "tests" / "support" / "datahub_emitter.py"), base_url, TOKEN]
        orders = json.dumps([job.order for job in jobs])
        ran = subprocess.run(
            program,
            input=orders,
            capture_output=True,
            text=True,
            env=environment,
            timeout=300 + len(jobs),  # only an emitter that hangs ever takes so long
            check=False,
        )
    if ran.returncode:
        raise RuntimeError(f"the emitter ended with status {ran.returncode}:\n{ran.stderr[-2000:]}")
    return [json.loads(line) for line in ran.stdout.splitlines()]


# -- the comparison ----------------------------------------------------------------------------------------------------


def play(seed: int, size: int, python: Path) -> tuple[list[str], dict[str, Any]]:
    """Return what went wrong when the emitter sent, and what to print of it."""
    made = Jobs(Random(seed))
    jobs = [*(made.draw() for _ in range(size)), made.batch(2 * MAX_PROPOSALS + 50)]
    # What fails here is a fault as well: it is raised where the block ends.
    with RestliServer() as server:
        hub = DataHub(server)
        hub.busy |= made.busy
        done = emit(python, server.base_url, jobs)

    faults = [f"headers: {headers_of(one)}" for one in hub.asked if headers_of(one) != HEADERS]
    # The emitter looks at the configuration first.
    expected = [asked("/config"), *(request for job in jobs for request in job.asked)]
    read = [asked_by(invocation) for invocation in hub.asked]
    for number, (want, got) in enumerate(zip(expected, read, strict=False)):
        if want != got:
            faults.append(f"request {number}: read as\n        {got}\n    and should be\n        {want}")
    for number, (job, came) in enumerate(zip(jobs, done, strict=False)):
        if came != job.done:
            faults.append(f"job {number}, {job.order}: {came}, not {job.done}")
    if len(read) != len(expected) or len(done) != len(jobs):
        faults.append(f"{len(read)} requests of {len(expected)}, {len(done)} jobs of {len(jobs)}")
    if hub.aspects != made.written:
        faults.append("DataHub does not have what was written")
    counts = Counter(one["action"] or f"get {one['resource']}" for one in read)
    return faults, {**dict(counts.most_common()), "repeated after a 503": len(made.busy)}


def main(arguments: list[str] | None = None) -> int:
    """Have the emitter send, print what came of it, and return 1 where anything went wrong."""
    accepted = parser(__doc__, size=300)
    accepted.add_argument(
        "--package", default=PACKAGE, help="for pip: other versions may have other habits (default: %(default)s)"
    )
    accepted.add_argument("--python", type=Path, help="the Python of an environment that has it already")
    known = accepted.parse_args(arguments)
    with TemporaryDirectory() as folder:
        try:
            python = known.python or make_environment(Path(folder), known.package)
        except NotDownloaded as reason:
            print(f"skipped: {known.package} cannot be downloaded: {reason}")
            return 0
        began = time.monotonic()
        faults, shown = play(known.seed, known.size, python)
    print(f"{known.size} jobs from seed {known.seed} in {time.monotonic() - began:.0f} s, {len(faults)} faults", shown)
    show(faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
