"""The pytest plugin, as a user's own tests meet it: each test here runs pytest on tests of somebody else's."""

from __future__ import annotations

import importlib.metadata
import json
import sys
import tomllib
from importlib import import_module

import pytest

from tests.support.source_tree import ROOT

# Each run of pytest in this process would import anew what it needs.
for name in ("anyio.pytest_plugin", "restli_transports.h11", "restli_transports.testing.sample"):
    import_module(name)

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.skipif(
        not [*importlib.metadata.entry_points(group="pytest11", name="restli")],
        reason="needs the package to be installed",
    ),
]

# pytest-recording warns where vcrpy was imported before it, by whichever tests ran in this process.
OPTIONS = (
    *("-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:xdist", "-p", "no:recording"),
    *("-W", "error", "--strict-markers"),
)
FEW = tuple(f"-pno:{name}" for name in ("asyncio", "pytest_httpx", "respx", "anyio"))
ASYNCIO = ("-o", "asyncio_default_fixture_loop_scope=function")  # without it pytest-asyncio warns

HEAD = "import pytest\nfrom restli_core import UnauthorizedError, InvalidCallError\n"


def outcomes(pytester: pytest.Pytester, code: str, *options: str) -> tuple[dict[str, int], str]:
    """Run a file of tests; return how many of them passed and so on, and what pytest printed."""
    pytester.makepyfile(HEAD + code)
    result = pytester.runpytest_inprocess(*OPTIONS, *ASYNCIO, *options)
    return result.parseoutcomes(), result.stdout.str()


def test_the_entry_point_is_declared() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        pyproject = tomllib.load(file)
    assert pyproject["project"]["entry-points"]["pytest11"] == {"restli": "restli_pytest"}
    assert "transports/restli_pytest.py" in pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    installed = importlib.metadata.entry_points(group="pytest11", name="restli")
    assert {point.value for point in installed} == {"restli_pytest"}, "install the project anew"


# -- what a start costs ------------------------------------------------------------------------------------------------


def test_the_start_of_pytest_loads_that_module_alone(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import sys

        def pytest_collection_finish(session):
            print("loaded:", *sorted(name for name in sys.modules if name.startswith("restli")))
    """)
    pytester.makepyfile("def test(): pass")
    result = pytester.runpytest_subprocess(*OPTIONS, *FEW, "-s")
    result.stdout.fnmatch_lines(["loaded: restli_pytest"])
    result.assert_outcomes(passed=1)


def test_it_imports_pytest_and_the_standard_library(pytester: pytest.Pytester) -> None:
    # In an interpreter that has pytest, and none of the rest of what is installed here.
    program = """
        import sys
        import pytest
        before = {*sys.modules}
        import restli_pytest
        print(*{name.partition(".")[0] for name in {*sys.modules} - before} - sys.stdlib_module_names)
    """
    script = pytester.makepyfile(program=program)
    assert pytester.runpython(script).stdout.str().split() == ["restli_pytest"]


def test_coverage_of_the_packages_is_not_spoiled(pytester: pytest.Pytester) -> None:
    # This module is a constant, imported with the package: whoever did so before coverage began would have lost it.
    pytester.makefile(".ini", coveragerc=f"[run]\ninclude = {ROOT / 'restli_core' / '_version.py'}\n")
    pytester.makepyfile("def test(fake_transport): import restli_core")
    options = ("--cov", "--cov-config=coveragerc.ini", "--cov-report=json:coverage.json")
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", *ASYNCIO, *options).assert_outcomes(
        passed=1
    )
    totals = json.loads((pytester.path / "coverage.json").read_text(encoding="utf-8"))["totals"]
    assert totals["num_statements"] > 0
    assert totals["missing_lines"] == 0


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    counts, printed = outcomes(pytester, "def test(restli_client): pass", "-p", "no:restli")
    assert counts == {"errors": 1}
    assert "fixture 'restli_client' not found" in printed


# -- the fixtures ------------------------------------------------------------------------------------------------------


def test_each_test_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    code = """
@pytest.mark.parametrize("time", [1, 2])
def test(restli_server, restli_client, time):
    assert restli_server.received == []
    accounts = restli_server.collection("/adAccounts/{id:long}", [{"id": 5, "name": "Summer"}])
    assert restli_client.get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"] == "Summer"
    assert restli_client.create("/adAccounts", {"name": "Autumn"}).decoded_entity_id == "6"
    assert len(accounts) == len(restli_server.received) == 2
    assert {received.connection for received in restli_server.received} == {1}
"""
    assert outcomes(pytester, code)[0] == {"passed": 2}


def test_the_client_is_closed_and_the_server_stopped(pytester: pytest.Pytester) -> None:
    code = """
kept = []

def test_one(restli_server, restli_client):
    restli_server.simple("/me", {"name": "Ada"})
    restli_client.get("/me")
    kept.append((restli_server, restli_client))

def test_two():
    (server, client), = kept
    with pytest.raises(RuntimeError, match="does not run"):
        server.base_url
    assert client.settings.base_url.startswith("http://127.0.0.1:")
"""
    assert outcomes(pytester, code)[0] == {"passed": 2}


def test_what_goes_wrong_at_the_server_is_an_error_of_the_test(pytester: pytest.Pytester) -> None:
    code = """
def test(restli_client):
    with pytest.raises(Exception):
        restli_client.get("/adAcounts/{id}", path_keys={"id": 5})
"""
    counts, printed = outcomes(pytester, code)
    assert counts == {"passed": 1, "errors": 1}
    assert "UnexpectedRequestError" in printed
    assert "/adAcounts" in printed


def test_the_proxies_of_the_environment_are_not_asked(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    code = """
@pytest.mark.restli(resources={"/me": {"name": "Ada"}})
def test(restli_client):
    assert restli_client.get("/me").entity == {"name": "Ada"}
"""
    assert outcomes(pytester, code)[0] == {"passed": 1}


def test_server_and_fake_answer_from_the_same_resources(pytester: pytest.Pytester) -> None:
    code = """
from restli_transports import RestliClient

@pytest.mark.restli(resources={"/me": {"name": "Ada"}})
def test(restli_client, fake_transport):
    fake = RestliClient(fake_transport)
    fake.partial_update("/me", {"name": "Grace"})
    assert restli_client.get("/me").entity == fake.get("/me").entity == {"name": "Grace"}
    assert len(fake_transport.requests) == 2
"""
    assert outcomes(pytester, code)[0] == {"passed": 1}


def test_the_authorization_server_stands_beside_both(pytester: pytest.Pytester) -> None:
    code = """
from restli_transports import AuthClient, RestliClient

pytestmark = pytest.mark.restli(resources={"/me": {"name": "Ada"}}, requires_token=True)

def test_server(restli_server, restli_client, authorization_server):
    assert restli_server.authorization is authorization_server
    authorization_server.app("app", "secret")
    with AuthClient("app", "secret", base_url=restli_server.auth_base_url) as auth:
        token = auth.get_two_legged_access_token().access_token
    with pytest.raises(UnauthorizedError):
        restli_client.get("/me")
    assert restli_client.with_options(access_token=token).get("/me").entity == {"name": "Ada"}

def test_fake(fake_transport, authorization_server):
    assert repr(authorization_server) == "<AuthorizationServer, 0 applications>"
    authorization_server.app("app", "secret")
    client = RestliClient(fake_transport)
    with pytest.raises(UnauthorizedError):
        client.get("/me")
    token = authorization_server.issue("app").access_token
    assert client.with_options(access_token=token).get("/me").entity == {"name": "Ada"}

@pytest.mark.restli(requires_token=False)
def test_the_closest_marker_counts(restli_client):
    assert restli_client.get("/me").entity == {"name": "Ada"}
"""
    assert outcomes(pytester, code)[0] == {"passed": 3}


# -- event loops -------------------------------------------------------------------------------------------------------

OF_ANYIO = """
@pytest.fixture(params=["asyncio", "trio"], scope=SCOPE)
def anyio_backend(request):
    return request.param

@pytest.fixture(scope=SCOPE, autouse=True)
async def case(anyio_backend):  # the loop lives as long as this does
    yield anyio_backend
"""
OF_PYTEST_ASYNCIO = """
@pytest.fixture(params=[1, 2])
def case(request):
    return request.param
"""
BY_HAND = """
import anyio, functools, inspect

def run(test):
    @pytest.mark.parametrize("case", ["asyncio", "trio"])
    def blocking(restli_server, async_restli_client, case):
        for _ in range(2):  # loop after loop
            anyio.run(test, restli_server, async_restli_client, case, backend=case)
    return blocking
"""
LOOPS = {
    "anyio": ("SCOPE = 'function'" + OF_ANYIO, "pytest.mark.anyio"),
    "anyio, a loop for all": ("SCOPE = 'module'" + OF_ANYIO, "pytest.mark.anyio"),
    "pytest-asyncio": (OF_PYTEST_ASYNCIO, "pytest.mark.asyncio"),
    "pytest-asyncio, a loop for all": (OF_PYTEST_ASYNCIO, "pytest.mark.asyncio(loop_scope='module')"),
    "by hand": (BY_HAND, "run"),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_the_asynchronous_client_works_in_every_loop(loop: str, pytester: pytest.Pytester) -> None:
    preparation, mark = LOOPS[loop]
    code = f"""
import gc, logging
pytestmark = pytest.mark.restli(resources={{"/me": {{"name": "Ada"}}}})
{preparation}
@{mark}
async def test_as_it_is_given(restli_server, async_restli_client, case):
    assert (await async_restli_client.get("/me")).entity == {{"name": "Ada"}}
    assert (await async_restli_client.partial_update("/me", {{"name": "Ada"}})).status_code == 204
    assert len({{received.connection for received in restli_server.received[-2:]}}) == 1

@{mark}
async def test_entered(restli_server, async_restli_client, case):
    async with async_restli_client:
        assert (await async_restli_client.get("/me")).entity == {{"name": "Ada"}}

def test_nothing_was_left_open():
    gc.collect()  # what was would be a ResourceWarning, and that an error
"""
    counts, printed = outcomes(pytester, code, "-p", "no:recording", "--log-level=ERROR", "-rA")
    assert counts == {"passed": 6 if "anyio" in loop else 5}, printed
    assert "ERROR" not in printed  # in a log


# -- the marker --------------------------------------------------------------------------------------------------------


def test_the_marker_is_known(pytester: pytest.Pytester) -> None:
    printed = pytester.runpytest_inprocess(*OPTIONS, *ASYNCIO, "--markers").stdout.str()
    assert "@pytest.mark.restli(resources=(), requires_token=False): " in printed


RESOURCES = {
    "a list of entities": ('{"/adAccounts/{id:long}": [{"id": 5}]}', {"id": 5}),
    "entities by key": ('{"/adAccounts/{id:long}": {5: {"name": "Summer"}}}', {"name": "Summer"}),
    "a function": ("lambda: {'/adAccounts/{id:long}': [{'id': 5}]}", {"id": 5}),
    "a function that makes handlers": ("sample_handlers", None),
    "handlers": ("sample_handlers()", None),
    "a declaration": ('"/adAccounts/{id:long}"', None),
    "declarations": ('["/adAccounts/{id:long}", "/me"]', None),
    "nothing in it": ('{"/adAccounts/{id:long}": None, "/me": None}', None),
}


def test_resources_are_given_in_any_of_these_forms(pytester: pytest.Pytester) -> None:
    code = """
from restli_core import NotFoundError
from restli_transports import RestliClient
from restli_transports.testing.sample import sample_handlers

def check(fake_transport, expected):
    client = RestliClient(fake_transport)
    try:
        found = client.get("/adAccounts/{id}", path_keys={"id": 5}).entity
    except NotFoundError:
        found = None
    assert found == expected
"""
    for number, (resources, entity) in enumerate(RESOURCES.values()):
        code += f"""
@pytest.mark.restli(resources={resources})
def test_{number}(fake_transport):
    check(fake_transport, {entity!r})
"""
    assert outcomes(pytester, code)[0] == {"passed": len(RESOURCES)}


def test_without_the_marker_there_is_nothing(pytester: pytest.Pytester) -> None:
    code = """
from restli_transports import RestliClient
from restli_transports.testing import UnexpectedRequestError

def test(fake_transport):
    with pytest.raises(UnexpectedRequestError):
        RestliClient(fake_transport).get("/me")
"""
    assert outcomes(pytester, code)[0] == {"passed": 1}


def test_entities_of_one_test_are_not_those_of_the_next(pytester: pytest.Pytester) -> None:
    code = """
pytestmark = pytest.mark.restli(resources={"/adAccounts/{id:long}": [{"id": 5}], "/me": {"names": ["Ada"]}})

@pytest.mark.parametrize("time", [1, 2])
def test(restli_client, time):
    restli_client.partial_update("/me", {"names": ["Grace"]})
    restli_client.delete("/adAccounts/{id}", path_keys={"id": 5})
    assert restli_client.get_all("/adAccounts").elements == []
"""
    assert outcomes(pytester, code)[0] == {"passed": 2}


WRONG = {
    "resource={}": "*@pytest.mark.restli: it does not take resource: write @pytest.mark.restli(resources={*",
    "{}": "*@pytest.mark.restli: it takes no argument by position: write @pytest.mark.restli(resources={*",
    "resources=5": "*resources must be a dict, declarations, Handlers or a function, not int*",
    "resources=b'/me'": "*resources must be a dict, declarations, Handlers or a function, not bytes*",
    "resources=lambda: 5": "*resources must be a dict, declarations, Handlers or a function, not int*",
    "resources=['me']": "*'me' in resources: *begins with /*",
    "resources=[5]": "*5 in resources: *begins with /*",
    "resources={'/a/{id:int}': []}": "*'/a/{id:int}' in resources: *",
    "resources={'/a/{id}': 'text'}": "*'/a/{id}' in resources: *must be a list of entities, or a dict by key, not str*",
    "resources={'/a/{id}': [{'name': 'x'}]}": "*'/a/{id}' in resources: *one has no id: give them by key*",
    "resources={'/a/{id}': [5]}": "*'/a/{id}' in resources: *",
    "resources={'/me': [5]}": "*'/me' in resources: *",
    "requires_token='no'": "*requires_token must be True or False, not 'no'*",
}


def test_a_wrong_argument_is_an_error_that_names_the_cure(pytester: pytest.Pytester) -> None:
    code = "".join(
        f"@pytest.mark.restli({arguments})\ndef test_{number}(restli_server, fake_transport): pass\n"
        for number, arguments in enumerate(WRONG)
    )
    pytester.makepyfile(HEAD + code)
    result = pytester.runpytest_inprocess(*OPTIONS, *ASYNCIO)
    result.assert_outcomes(errors=len(WRONG))
    for number, expected in enumerate(WRONG.values()):  # in the order of the tests
        result.stdout.fnmatch_lines([f"*ERROR at setup of test_{number} *", expected], consecutive=True)
    assert "Traceback" not in result.stdout.str()


def test_a_wrong_name_is_refused_where_no_fixture_is_used(pytester: pytest.Pytester) -> None:
    counts, printed = outcomes(pytester, "@pytest.mark.restli(resource={})\ndef test(): pass\n")
    assert counts == {"errors": 1}
    assert "does not take resource" in printed


# -- what is not installed ---------------------------------------------------------------------------------------------


def test_a_missing_extra_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith(("restli_transports.testing.", "restli_transports.h11")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "h11", None)
    fixtures = ("restli_server", "restli_client", "async_restli_client", "fake_transport")
    code = "".join(f"def test_{fixture}({fixture}): pass\n" for fixture in fixtures)
    counts, printed = outcomes(pytester, code)
    assert counts == {"passed": 1, "errors": 3}
    assert printed.count('needs h11: pip install "restli-core[h11]"') >= 3
    assert "Traceback" not in printed
