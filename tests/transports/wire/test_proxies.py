"""The proxies that the environment names."""

from __future__ import annotations

import pytest

from restli_core import InvalidCallError
from restli_transports.wire.proxies import environment_proxies

NAMED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "none": ({}, {}),
    "one": ({"http_proxy": "http://p.test:3128"}, {"http": "http://p.test:3128"}),
    "in capitals": ({"HTTPS_PROXY": "http://p.test:3128"}, {"https": "http://p.test:3128"}),
    "all": ({"all_proxy": "http://p.test"}, {"http": "http://p.test", "https": "http://p.test"}),
    "all but one": (
        {"ALL_PROXY": "http://p.test", "https_proxy": "https://q.test"},
        {"http": "http://p.test", "https": "https://q.test"},
    ),
    "without a scheme": ({"http_proxy": "user:password@p.test:1"}, {"http": "http://user:password@p.test:1"}),
    "empty": ({"http_proxy": "", "no_proxy": "*"}, {}),
    "of another scheme": ({"ftp_proxy": "socks5://p.test"}, {}),
}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all", "no", "ftp"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


@pytest.mark.parametrize(("variables", "proxies"), NAMED.values(), ids=NAMED.keys())
def test_they_are_named_by_the_scheme_that_they_are_for(
    variables: dict[str, str], proxies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_proxies() == proxies


@pytest.mark.parametrize("url", ["socks5://user:secret@p.test:1", "ftp://p.test", "http://user:secret@[bad"])
@pytest.mark.parametrize("variable", ["https_proxy", "all_proxy"])
def test_one_of_another_kind_is_refused_by_the_name_of_its_variable(
    variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    with pytest.raises(InvalidCallError) as caught:
        environment_proxies()
    assert caught.value.argument == f"{variable} in the environment"
    assert "secret" not in str(caught.value)
