"""Each example runs against the embedded server, as its reader would run it."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from restli_core import calls
from tests.support.libraries import OPTIONAL, need
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.sockets

EXAMPLES = ROOT / "examples"

# A line that each must print.
PRINTED = {
    "accounts_to_csv": "5025,Account 25,EUR,5025001,Campaign 1,ACTIVE\n",
    "ad_accounts": "renamed Autumn and winter",
    "analytics_to_parquet": "3928 rows of 365 days, 139138.26 USD, in analytics.parquet",
    "batch_updates": "5000 renamed, 0 failed",
    "campaign_conversions": "urn:lla:llaPartnerConversion:1003 404",
    "campaign_groups": "399 found",
    "conversion_events": "line 6003 is left out: happened_at: is more than 90 days ago, which LinkedIn refuses\n6000 e",
    "create_post": "read    Sans-IO is a fine idea (still). #python",
    "dask_cluster": "399 found by two workers, 0 calls failed",
    "datahub_ingest": "1000 datasets, 0 batches failed\nurn:li:dataset:(urn:li:dataPlatform:s3,logs %282026%29%2C part",
    "member_login": "Hello, Ada!",
    "members": "Hello, Ada\nHello, Ada\nHello, Ada\nHello, Ada\n<a",
    "my_profile": "'localizedFirstName': 'Ada'",
    "own_io": "Account 1",
    "own_models": "AdAccount(id=5001, name='Account 1', currency='EUR')",
    "own_session": "200 GET",
    "post_with_image": "posted   urn:li:share:7000000000000000001",
    "sdk_ad_accounts": "AdAccount(name='Account 1 (2)', currency='EUR', reference=Urn('urn:li:organization:2414183'), ",
    "sdk_msgspec": "AdAccount(name='Account 1', currency='EUR', reference=Urn('urn:li:organization:2414183'), ",
    "sdk_pydantic": "['Account 5', 'Account 10', 'Account 15', 'Account 20', 'Account 25']",
    "two_legged": "introspect active 2L",
    "webhook_receiver": "forged    401 {}\n2 notifications are in the inbox",
    "video_upload": ", 30 MB\nposted   urn:li:share:7000000000000000001",
}


LACKING = ("Set LINKEDIN_ACCESS_TOKEN", "Set LINKEDIN_CLIENT_ID and", "Set LINKEDIN_CLIENT_SECRET", "Say which with --")

# What an example needs that may not be there.
NEEDED = {"analytics_to_parquet": "duckdb", "dask_cluster": "distributed", "video_upload": "tqdm"}


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    skip_without(name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LINKEDIN_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "transports")])
    return subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )


def skip_without(name: str) -> None:
    # What clients send by, what the server reads by, and what the example itself imports.
    lines = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if line.lstrip().startswith(("import ", "from "))}
    need("urllib3", "h11", "anyio", *(imported & set(OPTIONAL)))
    if name in NEEDED:
        pytest.importorskip(NEEDED[name], reason=f"{NEEDED[name]} is not installed")


def test_a_forged_redirect_is_not_believed() -> None:
    assert "state_mismatch" in run("member_login", "--local").stdout


def test_every_account_is_in_the_table_with_all_of_its_campaigns() -> None:
    rows = [*csv.DictReader(run("accounts_to_csv", "--local").stdout.splitlines())]
    accounts = [int(row["account"]) for row in rows]
    assert [*dict.fromkeys(accounts)] == [*range(5001, 5026)]
    assert [accounts.count(account) for account in (5001, 5002, 5003, 5004)] == [250, 2, 3, 1]
    assert len({row["campaign"] for row in rows if row["campaign"]}) == len([row for row in rows if row["campaign"]])
    assert [row["campaign"] for row in rows if row["account"] == "5004"] == [""]


def test_lines_of_a_csv_that_cannot_be_sent_are_left_out_and_no_address_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    example = import_module("conversion_events")
    good = "2026-11-01T10:00:00Z,ada@example.com,,,,1"
    bad = ["eve@acme.test,2026-11-01T10:00:00Z,,,,2", ",eve@acme.test,,,,3", "2026-11-01T10:00:00Z,eve,,,,4"]
    lines = ["happened_at,email,li_fat_id,amount,currency,order", good, *bad]
    now = datetime(2026, 11, 2, tzinfo=UTC)
    sent: list[dict[str, Any]] = []

    class Client:
        calls = calls

        def send_rows(self, _call: Any, _path: str, events: Iterable[dict[str, Any]], **_options: Any) -> list[Any]:
            sent.extend(events)
            return []

    example.main(Client(), 7, csv.DictReader(lines), now, Path("unused"))
    assert [event["eventId"] for event in sent] == ["1"]
    no_time = "happened_at is not a time, such as 2026-11-01T10:00:00+01:00"
    assert capsys.readouterr().out.splitlines() == [
        f"line 3 is left out: {no_time}",
        f"line 4 is left out: {no_time}",
        "line 5 is left out: email: must be one email address and nothing else: ada@example.com",
        "1 events sent, 0 refused",
    ]


def test_conversion_events_that_go_on_are_not_sent_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    example = import_module("conversion_events")
    journal = tmp_path / "events.jsonl"
    first = example.began(journal)
    journal.touch()
    assert example.began(journal) == first  # else other lines would be too old, and all calls after them be others
    journal.unlink()
    assert example.began(journal) > first


def test_the_csv_of_the_user_is_not_overwritten(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("happened_at,email,li_fat_id,amount,currency,order\n", encoding="utf-8")
    done = run("conversion_events", "--local", "--csv", str(orders))
    assert done.stdout == "0 events sent, 0 refused\n", done.stderr
    assert orders.read_text(encoding="utf-8").count("\n") == 1


def test_each_example_is_run() -> None:
    # The tests in sdk_test are run by test_docs_sdk.py.
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*PRINTED, "connection", "sdk_test"}


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_runs_locally(name: str) -> None:
    done = run(name, "--local")
    assert done.returncode == 0, done.stderr
    assert PRINTED[name] in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_says_what_it_lacks(name: str) -> None:
    done = run(name)
    assert done.returncode == 1
    assert done.stderr.startswith(LACKING)
