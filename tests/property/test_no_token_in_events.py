"""A token is in no text and no pickle of an event, in no line of the log, and in no span."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.errors import ConnectError, RestliError
from restli_core.messages import HttpResponse
from restli_core.methods import METHODS
from restli_transports.events import Event, Waiting
from restli_transports.events.listeners import Listeners
from tests.support.oddities import statuses
from tests.support.played_events import play
from tests.support.profiles import examples
from tests.support.samples import call
from tests.support.traces import Traces

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
tokens = st.text(VISIBLE, min_size=8, max_size=20).map("Q7{}7Q".format)
"""Tokens that are in no text by chance."""


class Lines(logging.Handler):
    """What is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.getMessage()}\n{record.__dict__}\n"


@pytest.mark.parametrize("name", METHODS)
@examples(quick=3)
@given(token=tokens, status=statuses, tunnel_above=st.sampled_from([0, 4000]))
def test_events_log_and_spans(name: str, token: str, status: int, tunnel_above: int) -> None:
    secrets = {"headers": {"Cookie": token}, "query_params": {"p": token}, "base_url": "http://h"}
    made = call(name, access_token=token, tunnel_above=tunnel_above, **secrets)
    answered = failure_of(call(name, access_token=token), HttpResponse(status, {"Set-Cookie": token}, token.encode()))
    texts: list[str] = []
    traces, lines = Traces(), Lines()
    logger = logging.getLogger("restli_transports")

    def careless(event: Any) -> None:
        texts.append(f"{event}{event!r}")
        raise ValueError(event.call.request.headers["Authorization"])

    listeners = Listeners([careless, traces.listener(propagate=True)])
    logger.addHandler(lines)
    logger.setLevel(logging.DEBUG)
    try:
        listeners.extra_headers(made)
        listeners.emit(Waiting(made, "limit", 2.0))
        play(listeners.emit, made, ConnectError("refused", made.request), answered, status)
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(lines)
    assert len(texts) >= 9
    assert token not in "".join(texts)
    # What a record has of an event are texts and numbers: a handler that shows all of it shows no token either.
    assert token not in lines.text
    assert token not in "".join(str(span.to_json()) for span in traces.spans)
    assert token not in repr(traces.points())


@pytest.mark.parametrize("name", METHODS)
@examples(quick=3)
@given(token=tokens, status=statuses)
def test_pickles(name: str, token: str, status: int) -> None:
    made = call(name, access_token=token, headers={"Cookie": token})
    answered = failure_of(made, HttpResponse(status, {"Set-Cookie": token}, token.encode()))
    dumped: list[bytes] = []

    def pickled(event: Event) -> None:
        dumped.append(pickle.dumps(event))
        assert type(pickle.loads(dumped[-1])) is type(event)

    play(pickled, made, ConnectError("refused", made.request), answered, 200)
    assert len(dumped) == 9
    assert token.encode() not in b"".join(dumped)


def failure_of(made: Any, response: HttpResponse) -> RestliError:
    """Return the error that an answer is, or another one where it is none."""
    try:
        made.parse(response)
    except RestliError as error:
        return error
    return ConnectError("refused")
