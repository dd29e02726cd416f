"""Count the cases of each file anew, and take its digest, after a file was changed: ``python -m tests.vectors``.

It changes those members of index.json alone. The version is for whoever changed the file to raise, as README.md says.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def counted(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the index as its file has it today."""
    content = (FOLDER / f"{row['name']}.json").read_bytes()
    document = json.loads(content)
    counts = {"cases": len(document["cases"]), "errors": sum("error" in case for case in document["cases"])}
    return {**row, "op": document["op"], **counts, "sha256": hashlib.sha256(content).hexdigest()}


def written(index: dict[str, Any]) -> str:
    """Return the text of index.json: a row a line, so that a change shows as the line that it is."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in index["files"])
    return f'{{"version": {json.dumps(index["version"])}, "files": [\n{rows}\n]}}\n'


if __name__ == "__main__":
    path = FOLDER / "index.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(
        written({**found, "files": [counted(row) for row in found["files"]]}), encoding="utf-8", newline="\n"
    )
