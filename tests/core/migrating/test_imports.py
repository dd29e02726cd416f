from __future__ import annotations

import pytest

from restli_core.migrating import migrate
from restli_core.migrating.positions import MARK

CLIENT = "linkedin_api.clients.restli.client"
AUTH = "linkedin_api.clients.auth.client"
UTILS = "linkedin_api.clients.restli.utils"
ERRORS = "linkedin_api.common.errors"
RESPONSE = "linkedin_api.clients.restli.response"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"from {CLIENT} import RestliClient\n", "from restli_transports import RestliClient\n"),
        (
            f"from {CLIENT} import RestliClient as C  # the client\n",
            "from restli_transports import RestliClient as C  # the client\n",
        ),
        (f"from {RESPONSE} import GetResponse, Paging as P\n", "from restli_core import GetResponse, Paging as P\n"),
        (
            "from linkedin_api.clients.auth.response import BaseAuthResponse\n",
            "from restli_core.oauth import AuthResponse\n",
        ),
        (f"import {UTILS}.encoder as e\ne.encode(1)\n", "import restli_core as e\ne.encode(1)\n"),
        (f"from {UTILS} import encoder, decoder as d\n", "import restli_core as encoder\nimport restli_core as d\n"),
        (f"import {UTILS}.encoder\n{UTILS}.encoder.encode(1)\n", "import restli_core\nrestli_core.encode(1)\n"),
        (f"import os, {AUTH}, sys\n", "import os, sys\nimport restli_transports\n"),
        (
            f"import {ERRORS} as e\nraise e.ResponseFormattingError\n",
            "import restli_core as e\nraise e.InvalidResponseError\n",
        ),
        (
            f"from {ERRORS} import ResponseFormattingError\nraise ResponseFormattingError\n",
            "from restli_core import InvalidResponseError\nraise InvalidResponseError\n",
        ),
        (
            f"from {ERRORS} import InvalidArgumentError, MissingArgumentError\n",
            "from restli_core import InvalidCallError\n",
        ),
        (f"if x: from {CLIENT} import RestliClient\n", "if x: from restli_transports import RestliClient\n"),
        (
            f"from {UTILS} import encoder; from {ERRORS} import InvalidArgumentError as E\n",
            "import restli_core as encoder; from restli_core import InvalidCallError as E\n",
        ),
        (
            f"def f():\n    from {RESPONSE} import (\n        GetResponse,  # one\n        Paging,\n    )\n",
            "def f():\n    # one\n    from restli_core import GetResponse, Paging\n",
        ),
    ],
    ids=range(14),
)
def test_an_import_becomes_that_of_the_counterpart(before: str, after: str) -> None:
    migration = migrate(before)
    assert migration.text == after
    assert migration.todos == ()


@pytest.mark.parametrize(
    "rest",
    [
        "def f(ResponseFormattingError): ...\n",
        "__all__ = ['ResponseFormattingError']\n",
        "InvalidResponseError = 1\n",
        "def f() -> 'ResponseFormattingError': ...\n",
    ],
)
def test_a_name_that_may_be_another_one_elsewhere_stays(rest: str) -> None:
    migration = migrate(f"from {ERRORS} import ResponseFormattingError\n{rest}")
    assert migration.text == f"from restli_core import InvalidResponseError as ResponseFormattingError\n{rest}"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import linkedin_api", "linkedin_api has no counterpart as a whole"),
        ("import linkedin_api.clients", "linkedin_api.clients has no counterpart as a whole"),
        (f"from {CLIENT} import *", f"* of {CLIENT} has no counterpart"),
        (
            f"from {UTILS}.api import build_rest_url",
            f"build_rest_url of {UTILS}.api has no counterpart: the URL is `restli_core.get(...).request.url`",
        ),
        (f"from {UTILS} import api", f"api of {UTILS} has no counterpart"),
    ],
)
def test_what_has_no_counterpart_stays_with_a_comment(line: str, words: str) -> None:
    migration = migrate(f"{line}\n")
    assert migration.text == f"{MARK}{words}\n{line}\n"
    assert migrate(migration.text).text == migration.text


@pytest.mark.parametrize(
    "program",
    [
        f"import {UTILS}.encoder as e\ne.private(e.encode(1))\n",
        f"import {UTILS}.encoder\nf({UTILS})\n",
        f"from {UTILS} import encoder\nf(encoder)\n",
    ],
)
def test_a_module_of_which_more_is_used_stays(program: str) -> None:
    assert migrate(program).text.startswith(MARK)
    assert program in migrate(program).text


def test_what_has_a_counterpart_goes_and_the_rest_stays() -> None:
    migration = migrate(f"from {UTILS} import encoder, api as a\n")
    assert migration.text.splitlines()[1:] == [f"from {UTILS} import api as a", "import restli_core as encoder"]


def test_an_import_among_others_with_a_comment_inside_stays() -> None:
    program = f"a = 1; from {RESPONSE} import (  # one\n    Paging)\n"
    assert migrate(program).text == f"{MARK}the import is `from restli_core import Paging` here\n{program}"


def test_names_of_other_programs_are_left_alone() -> None:
    program = (
        "from .linkedin_api import RestliClient\nfrom linkedin_apis import encode\nencode.x\nimport a.linkedin_api\n"
    )
    assert migrate(program).text == program


@pytest.mark.parametrize(
    ("imports", "wanted"),
    [
        (
            [f"from {AUTH} import AuthClient", f"from {CLIENT} import RestliClient"],
            ["from restli_transports import AuthClient", "{}", "from restli_transports import RestliClient"],
        ),
        ([f"import {CLIENT} as rc", "RestliClient = rc.RestliClient"], None),
        ([f"from {CLIENT.rpartition('.')[0]} import client as c"], ["import restli_transports as c", "{}"]),
        ([f"import {CLIENT}"], ["import restli_transports", "{}"]),
    ],
)
def test_the_transport_is_imported_once(imports: list[str], wanted: list[str] | None) -> None:
    maker = {0: "RestliClient()", 2: "c.RestliClient()", 3: f"{CLIENT}.RestliClient()"}
    if wanted is None:
        program = "\n".join([*imports, "client = rc.RestliClient()", "client.session.close()", ""])
        wanted = ["import restli_transports as rc", "{}"]
    else:
        made = maker[0] if len(imports) == 2 else maker[2 if " as c" in imports[0] else 3]
        program = "\n".join([*imports, f"client = {made}", "client.session.close()", ""])
    lines = migrate(program).text.splitlines()
    transport = "from restli_transports.requests import RequestsTransport"
    assert lines[: len(wanted)] == [line.replace("{}", transport) for line in wanted]
    assert lines.count(transport) == 1


def test_the_transport_is_imported_in_each_function_that_imports_a_client() -> None:
    function = f"def f():\n    from {CLIENT} import RestliClient\n    RestliClient().session.close()\n"
    text = migrate(function + function.replace("f()", "g()")).text
    assert text.count("    from restli_transports.requests import RequestsTransport\n") == 2
