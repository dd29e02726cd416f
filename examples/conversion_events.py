"""Sends conversion events from a CSV to the Conversions API, thousands in a call, and says which lines were left out.

--csv names the file, with the columns happened_at (2026-11-01T10:00:00+01:00), email, li_fat_id, amount, currency and
order; --conversion is the id of the conversion rule. --journal names a file that is written: started again with it,
after a crash or Ctrl-C, the program goes on where it was. A file beside it keeps the time at which the program began.
With --local a CSV is made first, where there is none, with two lines that are no good.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connection import argument, connection

from restli_core import InvalidCallError
from restli_core.linkedin import conversions
from restli_transports import RestliClient


def main(client: RestliClient, conversion: int, lines: Iterable[dict[str, str]], now: datetime, journal: Path) -> None:
    numbers: list[int] = []  # of the lines that are sent, by the places of their events

    def events() -> Iterator[dict[str, Any]]:
        for number, line in enumerate(lines, start=2):  # the first line has the names
            try:
                event = made(conversion, line, now)
            except InvalidCallError as error:  # it never shows whose address it is
                print(f"line {number} is left out: {error}")
                continue
            except ValueError:  # this one of Python's shows the cell, which is an address if the columns are mixed up
                print(f"line {number} is left out: happened_at is not a time, such as 2026-11-01T10:00:00+01:00")
                continue
            numbers.append(number)
            yield event

    failed = 0
    rows = client.send_rows(
        client.calls.batch_create, "/conversionEvents", events(), size=conversions.MAX_EVENTS, journal=journal
    )
    for row in rows:
        if row.failed:
            failed += 1
            print(f"line {numbers[row.id]} was refused:", row.exception or row.error)
    print(f"{len(numbers) - failed} events sent, {failed} refused")


def made(conversion: int, line: dict[str, str], now: datetime) -> dict[str, Any]:
    cells = {name: text or None for name, text in line.items()}  # an empty cell says that something is not known
    return conversions.event(
        conversion,
        datetime.fromisoformat(cells["happened_at"] or ""),
        email=cells["email"],
        li_fat_id=cells["li_fat_id"],
        amount=cells["amount"],
        currency=cells["currency"] if cells["amount"] else None,
        event_id=cells["order"],
        now=now,  # one event that is too old has LinkedIn refuse its whole batch
    )


def write_csv(path: Path, now: datetime, count: int) -> None:
    """Write a CSV of orders that are a minute apart, and two that cannot be sent."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["happened_at", "email", "li_fat_id", "amount", "currency", "order"])
        for number in range(count):
            happened_at = now - timedelta(minutes=number)
            lines.writerow([happened_at.isoformat(), f"Buyer{number}@example.com ", "", "19.90", "EUR", number])
        lines.writerow([now.isoformat(), "nobody", "", "", "", count])
        lines.writerow([(now - timedelta(days=91)).isoformat(), "", "df5gf5-gh6t7", "5", "EUR", count + 1])


def began(journal: Path) -> datetime:
    """Return when the run began that a journal is of, from a file beside it.

    By another time other lines would be too old, so that each call after them would have other events than the one in
    the journal, and would be sent.
    """
    kept = journal.with_name(f"{journal.name}.began")
    if not journal.exists():
        kept.write_text(datetime.now(UTC).isoformat(), encoding="utf-8")
    return datetime.fromisoformat(kept.read_text(encoding="utf-8"))


if __name__ == "__main__":
    with connection() as client, TemporaryDirectory() as directory:
        path = Path(argument("csv", local=f"{directory}/orders.csv"))
        if "--local" in sys.argv and not path.exists():
            write_csv(path, datetime.now(UTC), 6_000)
        conversion = int(argument("conversion", local="1001"))
        journal = Path(argument("journal", local=f"{directory}/events.jsonl"))
        now = began(journal)
        with path.open(encoding="utf-8-sig", newline="") as file:
            main(client, conversion, csv.DictReader(file), now, journal)
