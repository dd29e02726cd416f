"""Call arguments: each method and each argument on a command line makes the call that the function makes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import restli_core as restli
from restli_core.calls import Call
from restli_core.command_line.call_arguments import add_call_arguments, make_call
from restli_core.command_line.command import Parser
from restli_core.methods import METHODS
from tests.support.command_lines import Keyboard, console_of, refused

UPLOAD = {"initializeUploadRequest": {"owner": "urn:li:organization:2414183"}}
FIELDS = [{"name": "a"}, {"name": "b"}]


def call_of(line: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Call[Any]:
    parser = Parser(prog="restli curl")
    add_call_arguments(parser)
    return make_call(parser.parse(shlex.split(line)), console_of(stdin, environ))


ACCOUNT = "'/adAccounts/{id}' --key id=5"
PATH, KEYS = "/adAccounts/{id}", {"id": "5"}

# A command line -> the call.
SAME = {
    f"get {ACCOUNT}": restli.get(PATH, path_keys=KEYS),
    "get adAccounts/5": restli.get("/adAccounts/5"),
    "batch_get /adAccounts --ids 5 urn:li:person:1": restli.batch_get("/adAccounts", ["5", "urn:li:person:1"]),
    "BATCH-GET /x --ids ':={\"a\": 1}' 7": restli.batch_get("/x", [{"a": 1}, "7"]),
    "get_all /adAccounts --param start=10 --param count:=5": restli.get_all(
        "/adAccounts", query_params={"start": 10, "count": 5}
    ),
    "finder /adAccounts search --param 'search:=(status:(values:List(ACTIVE)))'": restli.finder(
        "/adAccounts", "search", query_params={"search": {"status": {"values": ["ACTIVE"]}}}
    ),
    "finder /adAccounts search --param 'search:={\"test\": true}'": restli.finder(
        "/adAccounts", "search", query_params={"search": {"test": True}}
    ),
    "batch_finder /x y --criteria 'criteria:=[{\"a\": 1}, {\"a\": 2}]'": restli.batch_finder(
        "/x", "y", ("criteria", [{"a": 1}, {"a": 2}])
    ),
    "create /x --body '{\"name\": \"a\"}'": restli.create("/x", {"name": "a"}),
    "create /x --set name=a --set n:=1 --return-entity": restli.create("/x", {"name": "a", "n": 1}, return_entity=True),
    "create /x -d '{\"name\": \"a\"}' -H 'X-A: b'": restli.create("/x", {"name": "a"}, headers={"X-A": "b"}),
    "create /x --set name=a --no-return-entity": restli.create("/x", {"name": "a"}, return_entity=False),
    f"batch_create /x --body '{json.dumps(FIELDS)}'": restli.batch_create("/x", FIELDS),
    f"update {ACCOUNT} --body '{{}}'": restli.update(PATH, {}, path_keys=KEYS),
    f"batch_update /x --ids 1 2 --body '{json.dumps(FIELDS)}'": restli.batch_update("/x", ["1", "2"], FIELDS),
    f"partial_update {ACCOUNT} --set name=a": restli.partial_update(PATH, {"name": "a"}, path_keys=KEYS),
    f"partial_update {ACCOUNT} --patch '{{\"$delete\": [\"a\"]}}'": restli.partial_update(
        PATH, patch={"$delete": ["a"]}, path_keys=KEYS
    ),
    f"batch_partial_update /x --ids 1 2 --body '{json.dumps(FIELDS)}'": restli.batch_partial_update(
        "/x", ["1", "2"], FIELDS
    ),
    "batch_partial_update /x --ids 1 --patch '[{\"$delete\": [\"a\"]}]'": restli.batch_partial_update(
        "/x", ["1"], patches=[{"$delete": ["a"]}]
    ),
    f"delete {ACCOUNT}": restli.delete(PATH, path_keys=KEYS),
    "batch_delete /x --ids 1 2": restli.batch_delete("/x", ["1", "2"]),
    f"action /images initializeUpload --body '{json.dumps(UPLOAD)}'": restli.action(
        "/images", "initializeUpload", UPLOAD
    ),
    "action /images go": restli.action("/images", "go"),
    "get /x --fields id,name --header 'X-A: b: c' --version 202609 --tunnel-above 0": restli.get(
        "/x", fields="id,name", headers={"X-A": "b: c"}, version_string="202609", tunnel_above=0
    ),
    "get /x --base-url http://localhost:1/rest": restli.get("/x", base_url="http://localhost:1/rest"),
    "get '/c/{key}' --key 'key:=(campaign:urn%3Ali%3Ac%3A1,n:2)'": restli.get(
        "/c/{key}", path_keys={"key": {"campaign": "urn:li:c:1", "n": "2"}}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "call"), SAME.items(), ids=SAME)
def test_a_line_makes_the_call_of_the_function(line: str, call: Call[Any]) -> None:
    made = call_of(line)
    assert made.request == call.request
    assert (made.method, made.name, made.resource_path) == (call.method, call.name, call.resource_path)


def test_all_methods_are_tried() -> None:
    assert {call.method for call in SAME.values()} == {*METHODS}


@pytest.mark.parametrize(
    ("line", "stdin", "call"),
    [
        ("create /x", '{"a": 1}', restli.create("/x", {"a": 1})),
        ("create /x --body -", '{"a": 1}', restli.create("/x", {"a": 1})),
        ("batch_create /x", '{"a": 1}\n{"a": 2}\n', restli.batch_create("/x", [{"a": 1}, {"a": 2}])),
        ("batch_get /x", "1\n2\n", restli.batch_get("/x", ["1", "2"])),
        ("batch_get /x --ids -", "1\n2\n", restli.batch_get("/x", ["1", "2"])),
        ("get /x --param a=@-", "1\n", restli.get("/x", query_params={"a": "1"})),
    ],
)
def test_what_is_missing_comes_from_standard_input(line: str, stdin: str, call: Call[Any]) -> None:
    assert call_of(line, stdin.encode()).request == call.request


def test_what_is_long_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "body.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n', encoding="utf-8")
    assert call_of(f"batch_create /x --body @{path}").request == restli.batch_create("/x", [{"a": 1}, {"a": 2}]).request


@pytest.mark.parametrize(
    ("line", "environ", "call"),
    [
        ("get /x", {"LINKEDIN_VERSION": "202609"}, restli.get("/x", version_string="202609")),
        ("get /x --version 202601", {"LINKEDIN_VERSION": "202609"}, restli.get("/x", version_string="202601")),
        ("get /x", {"LINKEDIN_BASE_URL": "http://a.b"}, restli.get("/x", base_url="http://a.b")),
        ("get /x", {"LINKEDIN_BASE_URL": "", "LINKEDIN_VERSION": ""}, restli.get("/x")),
    ],
)
def test_the_environment_has_defaults(line: str, environ: Mapping[str, str], call: Call[Any]) -> None:
    assert call_of(line, environ=environ).request == call.request


# A command line -> what it is refused with.
REFUSED = {
    "gett /x": "METHOD: 'gett' is not a method of Rest.li: did you mean get?",
    "zzzz /x": "METHOD: 'zzzz' is not a method of Rest.li: must be one of get, batch_get, ",
    "PUT /x": "METHOD: PUT is a method of HTTP; of Rest.li's it is that of update, batch_update",
    "get https://api.linkedin.com/rest/me": "PATH: is a whole URL: give the path alone",
    "get /x?a=b": "PATH: '/x?a=b' holds what a path cannot: parameters go into --param",
    "get '/x/{id}'": "--key: the path has the placeholders: id",
    "finder /x": "NAME: finder needs the name of the finder after the path: finder /x NAME",
    "action /x": "NAME: action needs the name of the action after the path: action /x NAME",
    "get /x y": "NAME: get has no name: keys go into --key and --ids",
    "get /x --ids 1": "--ids: get has no ids: batch_get has; one key goes into --key",
    "create /x --ids 1": "--ids: create has no ids: a parameter of that name is --param",
    "finder /x y --ids 1": "--ids: finder has no ids: a parameter of that name is --param",
    "get /x --criteria a:=[]": "--criteria: get has none: use --param",
    "batch_finder /x y": "--criteria: is missing: --criteria 'name:=[{...}]'",
    "batch_finder /x y --criteria a:=1": "--criteria: must be a list, such as 'a:=[{\"status\": \"ACTIVE\"}]'",
    "batch_finder /x y --criteria a": "--criteria: must be NAME=VALUE",
    "get /x --body 1": "--body: get has no body: parameters of the query go into --param",
    "get /x --set a=1": "--set: get has no body: see --param",
    "batch_create /x --set a=1": "--set: is not for batch_create: give --body a list",
    "create /x --patch {}": "--patch: create takes no patch: give --body",
    "create /x --body {} --set a=1": "--body, --set and --patch: only one of them can be given",
    "partial_update /x --body {} --patch {}": "--body, --set and --patch: only one of them can be given",
    "get /x --return-entity": "--return-entity: get does not know it: leave it out",
    "create /x --body a=1": "--body: is not JSON: Expecting value, at line 1 column 1; --set NAME=VALUE gives single",
    "create /x --body []": "--body: must be an object of JSON",
    "batch_create /x --body 1": "--body[0]: must be a mapping, not int",
    "batch_update /x --ids 1 2 --body {}": "--body: there are 2 ids, but 1 of these",
    "partial_update /x --body '{\"patch\": {\"$set\": {}}}'": "--body: is a whole patch: give it as --patch, without",
    "get /x --header secret-without-a-colon": "--header: must be 'Name: value', in quotes",
    "get /x --header ': a'": "--header: must be 'Name: value', in quotes",
    "get /x --header 'A: 1' --header 'A: 2'": "--header A: is given twice; several values have commas between them",
    "get /x --header 'Authorization: Bearer AQX'": "--header Authorization: goes into LINKEDIN_ACCESS_TOKEN or --store",
    "get /x --version 2026": "--version: must be YYYYMM, such as 202601",
    "get /x --base-url foo": "--base-url: must be http:// or https://",
    "get /x --param q=search": "--param q: is Rest.li's own: it carries the NAME of finder",
    "get /x --fields 'a:('": "--fields: servers refuse it",
    "get /x --tunnel-above -1": "--tunnel-above: must be a number of characters",
    "batch_update /x": "--body: cannot come from standard input as well, which --ids comes from",
}  # fmt: skip


@pytest.mark.parametrize(("line", "said"), REFUSED.items(), ids=REFUSED)
def test_what_cannot_be_a_call_is_refused_with_the_cure(line: str, said: str) -> None:
    assert refused(f"curl {line}").startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("batch_get /x", "--ids: is missing: --ids 5001 5002, or one on each line of standard input"),
        ("create /x", "--body: is missing: --body JSON, --body @FILE, or --set NAME=VALUE for single fields"),
        ("batch_create /x", "--body: is missing: --body JSON, --body @FILE"),
    ],
)
@pytest.mark.parametrize("stdin", [None, Keyboard()], ids=["none", "terminal"])
def test_nothing_waits_for_what_a_person_has_forgotten(line: str, said: str, stdin: Keyboard | None) -> None:
    assert refused(f"curl {line}", stdin) == said
