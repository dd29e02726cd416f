"""Library logs: the URL of an upload is not in them, and that of any other request is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from restli_core import HttpRequest
from restli_transports.transport import Timeout
from restli_transports.wire import Exchange, carrying
from restli_transports.wire.library_logs import hide_urls, silence

URL = "https://media.example:8443/up/Q7a7Q?m=Q7b%253D7Q"
SHOWN = HttpRequest("PUT", URL)
LOGGER = logging.getLogger("made_up_library")


@pytest.fixture(autouse=True)
def _hiding(request: pytest.FixtureRequest) -> Any:
    make: Callable[..., None] = getattr(request, "param", hide_urls)
    make("made_up_library")
    yield
    for each in [*LOGGER.filters]:
        LOGGER.removeFilter(each)


def written(caplog: pytest.LogCaptureFixture, request: HttpRequest | None) -> list[str]:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    with carrying(None if request is None else Exchange(request, Timeout())):
        LOGGER.info('HTTP Request: %s %s "%s %d %s"', "PUT", URL, "HTTP/1.1", 500, "Odd 100%s")
        LOGGER.debug(
            '%s://%s:%s "%s %s %s" %s', "https", "media.example", 8443, "PUT", "/up/Q7a7Q?m=Q7b", "HTTP/1.1", 500
        )
        LOGGER.debug("Nothing of a URL: %d/%d", 1, 2)
    return caplog.messages


def test_the_url_of_an_upload_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, SHOWN.hiding_url()) == [
        'HTTP Request: PUT https://media.example:8443/... "HTTP/1.1 500 Odd 100%s"',
        'https://media.example:8443 "PUT /... HTTP/1.1" 500',
        "Nothing of a URL: 1/2",
    ]


@pytest.mark.parametrize("request_", [SHOWN, None], ids=["shown", "none"])
def test_other_urls_are(caplog: pytest.LogCaptureFixture, request_: HttpRequest | None) -> None:
    first, second, _ = written(caplog, request_)
    assert URL in first
    assert "/up/Q7a7Q?m=Q7b" in second


@pytest.mark.parametrize("_hiding", [silence], indirect=True)
def test_one_that_writes_bytes_is_silent_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, SHOWN.hiding_url()) == []
    assert len(written(caplog, SHOWN)) == len(written(caplog, None)) == 3
