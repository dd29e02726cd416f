"""Writes a year of adAnalytics to Parquet: each campaign of an account on each day. Memory stays flat, however much.

It takes DuckDB, which makes the file of lines of JSON, with a type for each column that does not depend on what came.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
from connection import argument, connection

from restli_core.linkedin import analytics
from restli_transports import RestliClient

COUNTS = ["impressions", "clicks", "likes", "comments", "shares", "follows", "oneClickLeads", "videoViews"]
AMOUNTS = ["costInUsd", "costInLocalCurrency", "conversionValueInLocalCurrency"]
TYPES = {
    **dict.fromkeys(["day", "start", "end"], "DATE"),
    "campaign": "VARCHAR",
    **dict.fromkeys(COUNTS, "BIGINT"),
    **dict.fromkeys(AMOUNTS, "DECIMAL(24, 10)"),
}


def write_parquet(rows: Iterable[analytics.Row], path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "rows.jsonl")
        with lines.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row.flat(), default=str) + "\n")
        duckdb.read_json(str(lines), columns=TYPES).write_parquet(str(path))


def main(client: RestliClient, account: int, last: date, path: Path) -> None:
    report = analytics.report(
        client.calls,
        pivots=["CAMPAIGN"],
        fields=[*COUNTS, *AMOUNTS],
        days=(last - timedelta(days=364), last),
        granularity="DAILY",
        accounts=[account],
    )
    write_parquet(client.iterate(report), path)

    query = "SELECT count(*), count(DISTINCT day), sum(costInUsd) FROM read_parquet(?)"
    rows, days, cost = duckdb.execute(query, [str(path)]).fetchall()[0]
    print(f"{rows} rows of {days} days, {cost:.2f} USD, in {path.name}")


if __name__ == "__main__":
    with connection() as client, tempfile.TemporaryDirectory() as folder:
        named = argument("file", local=str(Path(folder, "analytics.parquet")))
        last = date.fromisoformat(argument("last", local="2025-12-31"))
        main(client.with_options(limits=[analytics.BUDGET]), int(argument("account", local="5001")), last, Path(named))
