"""Settings that the environment has."""

from __future__ import annotations

from typing import Any

import pytest

from restli_core.base_errors import InvalidCallError
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports._clients.environment import from_variables
from restli_transports.testing import FakeAsyncTransport, FakeTransport

VARIABLES = {
    "LINKEDIN_ACCESS_TOKEN": "t0ken-of-the-environment",
    "LINKEDIN_VERSION": "202609",
    "LINKEDIN_BASE_URL": "http://127.0.0.1:8080/rest",
}
SETTINGS = {
    "access_token": "t0ken-of-the-environment",
    "version_string": "202609",
    "base_url": "http://127.0.0.1:8080/rest",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def put(environment: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**VARIABLES, **changes}.items():
        environment.setenv(name, value)


@pytest.mark.parametrize(("kind", "fake"), [(RestliClient, FakeTransport), (AsyncRestliClient, FakeAsyncTransport)])
def test_a_client_has_the_settings(kind: Any, fake: Any, environment: pytest.MonkeyPatch) -> None:
    put(environment)
    transport = fake()
    client = kind.from_environment(transport, user_agent="mine")
    assert type(client) is kind
    assert client.transport is transport
    assert {name: getattr(client.settings, name) for name in SETTINGS} == SETTINGS
    assert client.settings.user_agent == "mine"


def test_a_class_of_the_users_own_is_made(environment: pytest.MonkeyPatch) -> None:
    class Mine(RestliClient):
        pass

    put(environment)
    assert type(Mine.from_environment(FakeTransport())) is Mine


def test_calls_go_out_with_them(environment: pytest.MonkeyPatch) -> None:
    put(environment)
    fake = FakeTransport()
    fake.simple("/me", {"name": "Ada"})
    environment.setenv("LINKEDIN_BASE_URL", "https://api.linkedin.com/rest")
    client = RestliClient.from_environment(fake)
    assert client.get("/me").entity == {"name": "Ada"}
    request = fake.requests[-1]
    assert request.url == "https://api.linkedin.com/rest/me"
    assert request.headers["Authorization"] == "Bearer t0ken-of-the-environment"
    assert request.headers["LinkedIn-Version"] == "202609"


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("given", [None, "given"])
def test_what_is_given_counts_first(setting: str, given: str | None, environment: pytest.MonkeyPatch) -> None:
    put(environment)
    assert from_variables({setting: given, "timeout": 5}) == {**SETTINGS, setting: given, "timeout": 5}
    # What the environment has is not looked at then.
    put(environment, LINKEDIN_ACCESS_TOKEN="a b", LINKEDIN_VERSION="new", LINKEDIN_BASE_URL="/")
    assert from_variables(dict.fromkeys(SETTINGS, given)) == dict.fromkeys(SETTINGS, given)


def test_the_token_alone_is_needed(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidCallError, match="LINKEDIN_ACCESS_TOKEN") as refused:
        RestliClient.from_environment(FakeTransport())
    assert refused.value.argument == "access_token"
    put(environment, LINKEDIN_ACCESS_TOKEN="")
    with pytest.raises(InvalidCallError, match="LINKEDIN_ACCESS_TOKEN"):
        RestliClient.from_environment(FakeTransport())
    put(environment, LINKEDIN_VERSION="", LINKEDIN_BASE_URL="")
    assert from_variables({}) == {"access_token": "t0ken-of-the-environment"}
    assert RestliClient.from_environment(FakeTransport(), access_token=None).settings.access_token is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LINKEDIN_ACCESS_TOKEN", "s3cret\n"),
        ("LINKEDIN_ACCESS_TOKEN", "Bearer s3cret"),
        ("LINKEDIN_VERSION", "s3cret"),
        ("LINKEDIN_BASE_URL", "s3cret"),
        ("LINKEDIN_BASE_URL", "http://h/?s3cret"),
    ],
)
def test_what_no_call_could_be_sent_with_names_its_variable(
    variable: str, value: str, environment: pytest.MonkeyPatch
) -> None:
    put(environment, **{variable: value})
    with pytest.raises(InvalidCallError) as refused:
        RestliClient.from_environment(FakeTransport())
    assert refused.value.argument == variable
    assert "s3cret" not in str(refused.value)


def test_an_option_that_there_is_not_is_refused(environment: pytest.MonkeyPatch) -> None:
    put(environment)
    with pytest.raises(TypeError, match="colour"):
        RestliClient.from_environment(FakeTransport(), colour="red")
