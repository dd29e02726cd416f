"""What check_codec says of LinkedIn's own Python client, run as a black box; it is not part of this project."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from restli_transports.testing.codec_check import Finding, check_codec

REASON = "linkedin-api-client is not installed: it comes with the extra bench"


def function(module: str, name: str) -> Any:
    pytest.importorskip("linkedin_api", reason=REASON)
    return getattr(import_module(f"linkedin_api.clients.restli.utils.{module}"), name)


def found(**options: Any) -> dict[str, Finding]:
    report = check_codec(examples=5, **options)
    return {result.law: result.finding for result in report.findings if result.finding is not None}


def test_its_encoders_lose_the_empty_text_and_recurse() -> None:
    faults = found(encode=function("encoder", "encode"))
    assert faults["a server reads the empty text"].input == "''"
    assert faults["text, lists and dicts are to a server what LinkedIn's client writes"].input == "''"
    assert faults["deep values do not exhaust the stack"].got == "RecursionError"


def test_its_queries_do_so_too() -> None:
    faults = found(build_query=function("restli", "encode_query_params_for_get_requests"))
    assert faults["text, lists and dicts are to a server what LinkedIn's client writes"].input == "{'k': ''}"
    assert faults["deep values do not exhaust the stack"].got == "RecursionError"


def test_its_decoder_never_returns_from_a_map_without_a_value() -> None:
    faults = found(decode=function("decoder", "decode"), limit=0.3)
    endless = faults["text with one mark too few or too many comes to an end"]
    assert (endless.input, endless.got) == ("'(a:b,c)'", "no result after 0.3 s")
    assert faults["the empty text, written for a URL: read as written"].got == "[\"''\"], from \"List('')\""
    assert "malformed text is refused" in faults
