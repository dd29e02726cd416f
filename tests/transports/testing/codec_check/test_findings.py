"""Reports: when they are true, and how they read as text and as JSON."""

from __future__ import annotations

import json

from restli_transports.testing.codec_check.findings import Finding, LawResult, Report

FINDING = Finding("','", "',' to a server", "','", "the grammar")
KEPT = LawResult("encode", "a law", 10, 0, None)
BROKEN = LawResult("encode", "another law", 10, 3, FINDING)


def test_a_report_is_false_when_all_holds() -> None:
    assert not Report((KEPT,))
    assert Report((KEPT, BROKEN))
    assert Report((KEPT, BROKEN)).findings == (BROKEN,)


def test_it_reads_law_by_law() -> None:
    assert str(Report((KEPT,))) == "all 1 laws hold\nok      encode: a law (10 inputs)"
    assert str(Report((KEPT, BROKEN))).splitlines() == [
        "1 of 2 laws broken",
        "ok      encode: a law (10 inputs)",
        "BROKEN  encode: another law (3 of 10 inputs)",
        "        input     ','",
        "        expected  ',' to a server",
        "        got       ','",
        "        source    the grammar",
    ]


def test_it_says_which_laws_were_not_tried() -> None:
    assert str(Report((BROKEN, LawResult("encode", "a third law", 0, 0, None)))).splitlines()[:2] == [
        "1 of 2 laws broken, 1 not tried, since a call before them could not be ended",
        "BROKEN  encode: another law (3 of 10 inputs)",
    ]
    assert str(LawResult("encode", "a third law", 0, 0, None)) == "-       encode: a third law (not tried)"


def test_its_repr_has_as_much_as_pytest_shows() -> None:
    assert repr(Report((KEPT,))) == "<Report: 0 of 1 laws broken>"
    assert repr(Report((KEPT, BROKEN))) == "<Report: 1 of 2 laws broken: encode of ','>"
    text = repr(Report((BROKEN,) * 50))
    assert text.startswith("<Report: 50 of 50 laws broken: encode of ',', encode of ','")
    assert text.endswith(", ...>")
    assert 200 < len(text) <= 240


def test_it_is_json() -> None:
    assert json.loads(Report((KEPT, BROKEN)).to_json()) == {
        "broken": 1,
        "results": [
            {"function": "encode", "law": "a law", "tried": 10, "broken": 0, "finding": None},
            {
                "function": "encode",
                "law": "another law",
                "tried": 10,
                "broken": 3,
                "finding": {"input": "','", "expected": "',' to a server", "got": "','", "source": "the grammar"},
            },
        ],
    }
