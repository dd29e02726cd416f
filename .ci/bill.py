"""The bill of materials (CycloneDX) of a release: what `cyclonedx-py` has found, with what it cannot know.

python .ci/bill.py FILE 0.1.0 EPOCH PACKAGE [PACKAGE ...]     adds the version, the time, and the sums of the packages

Fails if anything but restli-core itself is in it: the wheel brings nothing along.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAME = "restli-core"


def complete(bill: dict[str, Any], version: str, epoch: int, packages: dict[str, bytes]) -> dict[str, Any]:
    """Return the bill of this version, of this time, with the sums of its packages by their names.

    Raises:
        ValueError: it is of something else, or something else is in it.
    """
    subject = bill["metadata"]["component"]
    others = {part["name"] for part in bill.get("components", [])} - {NAME}
    if subject["name"] != NAME or others:
        raise ValueError(f"it is the bill of {subject['name']}, with {', '.join(sorted(others)) or 'nothing else'}")
    files = [
        {
            "type": "distribution",
            "url": name,
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}],
        }
        for name, data in sorted(packages.items())
    ]
    whole = {
        **subject,
        "version": version,
        "purl": f"pkg:pypi/{NAME}@{version}",
        "externalReferences": [*subject.get("externalReferences", []), *files],
    }
    time = datetime.fromtimestamp(epoch, UTC).isoformat()
    return {**bill, "metadata": {**bill["metadata"], "component": whole, "timestamp": time}}


def main(path: Path, version: str, epoch: int, packages: list[Path]) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    bill = complete(found, version, epoch, {package.name: package.read_bytes() for package in packages})
    path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(bill["bomFormat"], bill["specVersion"], "of", bill["metadata"]["component"]["purl"], "with nothing else")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), [Path(name) for name in sys.argv[4:]])
