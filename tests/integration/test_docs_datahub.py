"""docs/datahub.md: each of its programs runs as it stands, and prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.datahub import PAGE, PROGRAMS, dataset_urn_of_the_page

pytestmark = pytest.mark.sockets

EXAMPLE = Path(__file__).parents[2] / "examples" / "datahub_ingest.py"


@pytest.mark.parametrize("code", PROGRAMS, ids=range(1, len(PROGRAMS) + 1))
def test_each_program_prints_what_the_page_says(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "docs/datahub.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out.splitlines() == re.findall(r"print\(.*\)  # (.*)", code)


def test_all_but_the_first_program_print_something() -> None:
    assert ["print(" in code for code in PROGRAMS] == [False, *[True] * (len(PROGRAMS) - 1)]
    assert len(PROGRAMS) == 6


def test_the_example_makes_urns_as_the_page_does() -> None:
    function = re.search(r"^def dataset_urn.*?^    return .*?$", PAGE, re.DOTALL | re.MULTILINE)
    assert function is not None
    assert function[0] in EXAMPLE.read_text(encoding="utf-8")


# As `make_dataset_urn_with_platform_instance` of acryl-datahub 1.7.0.17 makes them.
@pytest.mark.parametrize(
    ("name", "instance", "text"),
    [
        ("db.t", None, "db.t"),
        ("a,b)c", None, "a%2Cb%29c"),
        ("a(b", "eu (1)", "eu %281%29.a%28b"),
        ("a␟b", None, "a%E2%90%9Fb"),
        ("a%2Cb", None, "a%2Cb"),
        ('é "x"\\:', None, 'é "x"\\:'),
    ],
    ids=["plain", "comma", "parenthesis", "separator", "percent", "others"],
)
def test_names_are_escaped_as_datahub_does(name: str, instance: str | None, text: str) -> None:
    urn = dataset_urn_of_the_page()("s3", name, "DEV", instance)
    assert urn == f"urn:li:dataset:(urn:li:dataPlatform:s3,{text},DEV)"
    assert urn.parts == ("urn:li:dataPlatform:s3", text, "DEV")
