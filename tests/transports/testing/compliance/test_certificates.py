"""Transports that trust too many, or too few, are noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
import urllib3

from restli_core.errors import ConnectError
from restli_transports.testing.compliance.surroundings import authority, trust
from restli_transports.urllib3 import Urllib3Transport
from tests.support.wrong_transports import RightTransport, check_noticed, suite_over

pytestmark = pytest.mark.sockets


class Trusting(RightTransport):
    def __init__(self) -> None:
        self.inner = Urllib3Transport(urllib3.PoolManager(cert_reqs="CERT_NONE"))


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_whoever_trusts_everybody_is_noticed() -> None:
    check_noticed(Trusting, lambda suite: suite.test_an_untrusted_certificate())


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_whoever_does_not_look_at_the_name_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trust(authority(), monkeypatch, tmp_path)
    check_noticed(Trusting, lambda suite: suite.test_a_certificate_of_another_host())


def test_whoever_does_not_ask_the_environment_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConnectError):
        suite_over(RightTransport).test_a_trusted_certificate()
    trust(authority(), monkeypatch, tmp_path)
    suite_over(RightTransport).test_a_trusted_certificate()
