"""Usage: errors of functions in words of the command line."""

from __future__ import annotations

import pytest

from restli_core import InvalidCallError
from restli_core.command_line.usage import in_words_of_options, with_options

VERSION_REASON = 'must be "YYYYMM", "YYYYMM.RR" or "YYYYMMDD", such as "202601"'


@pytest.mark.parametrize(
    ("argument", "reason", "said"),
    [
        ("path_keys", "is empty", "--key: is empty"),
        ("path_keys['id']", "is empty", "--key id: is empty"),
        ("query_params['search']['a'][2]", "is odd", "--param search['a'][2]: is odd"),
        ("headers['A']", "goes into access_token", "--header A: goes into LINKEDIN_ACCESS_TOKEN or --store"),
        ("entities[2]['a']", "is odd", "--body[2]['a']: is odd"),
        ("ids[0]", "is odd", "--ids[0]: is odd"),
        ("entity['a']", "is odd", "--body['a']: is odd"),
        ("patch_set_object", "give it as patch, without", "--body: give it as --patch, without"),
        ("timeout.total", "must be a number above 0, or None for no limit", "--timeout: must be a number above 0"),
        ("version_string", VERSION_REASON, "--version: must be YYYYMM, such as 202601"),
        ("entity", "must be a mapping, not list", "--body: must be an object of JSON, and not a list"),
        ("somebody", "is odd", "somebody: is odd"),
        ("some'body", "is odd", "some'body: is odd"),
    ],
    ids=lambda value: value.partition(":")[0][:30],
)  # fmt: skip
def test_an_argument_is_named_by_its_option(argument: str, reason: str, said: str) -> None:
    assert in_words_of_options(str(InvalidCallError(argument, reason))) == said


@pytest.mark.parametrize("text", ["", "nothing about arguments", "fields and ids are words"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert in_words_of_options(text) == text
    assert with_options(text) == text


def test_advice_names_options() -> None:
    assert with_options("set version_string; put it into query_params") == "set --version; put it into --param"
    advice = "if a map was meant, give a list or a dict"
    assert with_options(advice) == "if a map was meant, write NAME:=VALUE, which takes JSON and Rest.li text"
