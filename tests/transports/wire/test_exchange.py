"""Where a request stands, how long its next wait may be, and what an error then means; the clock is the tests' own."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest

from restli_core import (
    ConnectError,
    HttpRequest,
    InvalidCallError,
    ProtocolError,
    TransportError,
    TransportTimeout,
)
from restli_transports import Timeout
from restli_transports.wire.body import UnreadableError
from restli_transports.wire.exchange import (
    Exchange,
    Failures,
    Phase,
    carrying,
    current_exchange,
    current_target,
)
from tests.support.stopped_clock import StoppedClock

REQUEST = HttpRequest("POST", "http://user:secret@a.test/b?c=d", {"Authorization": "Bearer secret"}, b"{}")
LIMITS = Timeout(connect=10, read=60, total=300)


class Unsent(Exception):
    """A library's error that can only happen before anything is sent."""


class Late(Exception):
    """A library's error that says that a limit passed."""


class UnsentLate(Unsent, Late):
    """One that is both."""


class NotLate(Late):
    """A kind of that which does not say so."""


FAILURES = Failures(unsent=(Unsent,), timeouts=(Late,), not_timeouts=(NotLate,))


def in_phase(phase: Phase, timeout: Timeout = LIMITS) -> Exchange:
    exchange = Exchange(REQUEST, timeout)
    exchange.phase = phase
    return exchange


def test_it_holds_request_url_deadline_and_phase() -> None:
    exchange = Exchange(REQUEST, LIMITS)
    assert exchange.request is REQUEST
    assert exchange.url.text == "http://a.test/b?c=d"
    assert exchange.deadline.timeout is LIMITS
    assert exchange.phase is Phase.UNKNOWN


@pytest.mark.parametrize(
    ("url", "headers", "argument"),
    [("ftp://a.test/", {}, "url"), ("http://a.test/", {"Content-Length": "7"}, "headers")],
    ids=["url", "headers"],
)
def test_what_http_cannot_say_is_an_invalid_call(url: str, headers: dict[str, str], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        Exchange(HttpRequest("GET", url, headers), LIMITS)
    assert caught.value.argument == argument


# Waits: the third column of the table


@pytest.mark.parametrize(
    ("phase", "seconds"),
    [
        (Phase.UNKNOWN, 60),
        (Phase.QUEUED, 300),
        (Phase.CONNECTING, 10),
        (Phase.SENDING, 60),
        (Phase.READING, 60),
    ],
    ids=str,
)
def test_each_phase_has_its_limit(deadline_clock: StoppedClock, phase: Phase, seconds: float) -> None:
    exchange = in_phase(phase)
    assert exchange.wait() == seconds
    deadline_clock.now += 299
    if phase is not Phase.CONNECTING:
        assert exchange.wait() == 1
    deadline_clock.now += 1
    with pytest.raises(TimeoutError):
        exchange.wait()


def test_all_that_is_done_while_connecting_shares_one_limit(deadline_clock: StoppedClock) -> None:
    exchange = Exchange(REQUEST, LIMITS)
    with exchange.connecting():
        deadline_clock.now += 4
        assert (exchange.phase, exchange.wait()) == (Phase.CONNECTING, 6)
    assert (exchange.phase, exchange.wait()) == (Phase.QUEUED, 296)


def test_after_connecting_has_failed_it_is_still_unsent(deadline_clock: StoppedClock) -> None:
    exchange = Exchange(REQUEST, LIMITS)
    with pytest.raises(OSError, match="refused"), exchange.connecting():
        raise OSError("refused")
    assert exchange.phase is Phase.QUEUED
    deadline_clock.now += 1
    assert isinstance(exchange.error(OSError("refused")), ConnectError)


# Errors: the fourth column


@pytest.mark.parametrize("phase", [Phase.QUEUED, Phase.CONNECTING], ids=str)
@pytest.mark.parametrize("error", [OSError("x"), TimeoutError("x"), Late("x"), Unsent("x")], ids=repr)
def test_what_fails_unsent_is_a_connect_error(phase: Phase, error: Exception) -> None:
    assert type(in_phase(phase).error(error, FAILURES)) is ConnectError


@pytest.mark.parametrize("phase", [Phase.SENDING, Phase.READING], ids=str)
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError("x"), ProtocolError),
        (TimeoutError("x"), TransportTimeout),
        (Late("x"), TransportTimeout),
        (NotLate("x"), ProtocolError),
        (Unsent("x"), ProtocolError),
        (UnsentLate("x"), TransportTimeout),
    ],
    ids=["OSError", "TimeoutError", "Late", "NotLate", "Unsent", "UnsentLate"],
)
def test_what_fails_after_that_is_judged_by_whether_a_limit_passed(
    phase: Phase, error: Exception, kind: type[TransportError]
) -> None:
    assert type(in_phase(phase).error(error, FAILURES)) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError("x"), ProtocolError),
        (TimeoutError("x"), TransportTimeout),
        (Late("x"), TransportTimeout),
        (Unsent("x"), ConnectError),
        (UnsentLate("x"), ConnectError),
    ],
    ids=["OSError", "TimeoutError", "Late", "Unsent", "UnsentLate"],
)
def test_where_nobody_says_the_type_of_the_error_decides(error: Exception, kind: type[TransportError]) -> None:
    assert type(in_phase(Phase.UNKNOWN).error(error, FAILURES)) is kind


@pytest.mark.parametrize("sent", [Phase.SENDING, Phase.READING], ids=str)
@pytest.mark.parametrize("later", list(Phase), ids=str)
def test_what_was_sent_stays_sent(sent: Phase, later: Phase) -> None:
    exchange = in_phase(sent)
    exchange.phase = later
    assert type(exchange.error(OSError("x"), FAILURES)) is ProtocolError
    assert type(exchange.error(Unsent("x"), FAILURES)) is ProtocolError


def test_a_connection_for_a_second_request_has_a_limit_of_its_own(deadline_clock: StoppedClock) -> None:
    exchange = in_phase(Phase.READING)
    deadline_clock.now += 50
    with exchange.connecting():
        assert exchange.wait() == 10
    assert type(exchange.error(TimeoutError())) is TransportTimeout


@pytest.mark.parametrize("phase", list(Phase), ids=str)
def test_what_fails_after_the_total_fails_because_of_it(deadline_clock: StoppedClock, phase: Phase) -> None:
    exchange = in_phase(phase)
    deadline_clock.now += 300
    error = exchange.error(OSError("x"))
    assert type(error) is (ConnectError if phase.unsent else TransportTimeout)
    assert "the total limit passed: 300 s" in str(error)


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        (Phase.CONNECTING, "no connection within 10 s"),
        (Phase.QUEUED, "no connection within 10 s"),
        (Phase.SENDING, "nothing was read or written for 60 s"),
        (Phase.READING, "nothing was read or written for 60 s"),
        (Phase.UNKNOWN, "nothing was read or written for 60 s"),
    ],
    ids=str,
)
def test_a_timeout_names_the_limit_that_passed(phase: Phase, text: str) -> None:
    assert str(in_phase(phase).error(TimeoutError())) == f"POST http://a.test/b?c=…: {text}"


@pytest.mark.parametrize(
    ("phase", "text"),
    [(Phase.CONNECTING, "could not connect: timed out"), (Phase.READING, "the exchange broke off: timed out")],
    ids=str,
)
def test_a_timeout_without_a_limit_of_ours_is_told_in_its_own_words(phase: Phase, text: str) -> None:
    exchange = in_phase(phase, Timeout(connect=None, read=None, total=None))
    assert text in str(exchange.error(TimeoutError("timed out")))


def test_a_limit_of_the_operating_systems_own_is_not_one_of_ours() -> None:
    error = in_phase(Phase.READING).error(TimeoutError(110, "Connection timed out"))
    assert type(error) is TransportTimeout
    assert "the exchange broke off: [Errno 110] Connection timed out" in str(error)


def test_an_answer_that_cannot_be_read_is_a_protocol_error_in_any_phase(deadline_clock: StoppedClock) -> None:
    for phase in Phase:
        exchange = in_phase(phase)
        deadline_clock.now += 1000
        error = exchange.error(UnreadableError("the body is not gzip"))
        assert type(error) is ProtocolError
        assert str(error) == "POST http://a.test/b?c=…: the body is not gzip"


def wrapped(outer: Exception, inner: Exception, how: str) -> Exception:
    """Return the outer error, made of the inner one as libraries do it."""
    if how == "cause":
        outer.__cause__ = inner
    elif how == "reason":
        outer.reason = inner  # type: ignore[attr-defined]
    elif how == "argument":
        outer.args = ("something", inner)
    return outer


@pytest.mark.parametrize("how", ["cause", "reason", "argument"])
def test_the_innermost_cause_says_what_happened(how: str) -> None:
    inner = ConnectionRefusedError("nobody listens")
    error = wrapped(Exception("outer"), wrapped(ValueError("middle"), inner, how), how)
    assert str(in_phase(Phase.CONNECTING).error(error)).endswith("could not connect: nobody listens")


@pytest.mark.parametrize("how", ["cause", "reason", "argument"])
@pytest.mark.parametrize(
    ("inner", "kind"), [(Late(), TransportTimeout), (Unsent(), ConnectError)], ids=["late", "unsent"]
)
def test_each_of_the_causes_may_say_what_it_means(how: str, inner: Exception, kind: type[TransportError]) -> None:
    assert type(in_phase(Phase.UNKNOWN).error(wrapped(Exception(), inner, how), FAILURES)) is kind


def test_the_context_of_an_error_is_not_its_cause() -> None:
    error = OSError("broke")
    error.__context__ = Late("another call's")
    assert type(in_phase(Phase.READING).error(error, FAILURES)) is ProtocolError


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (OSError("proxy http://user:secret@p.test:1 refused"), "proxy http://p.test:1 refused"),
        (OSError(), "OSError"),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), "certificate verify failed"),
        (socket.gaierror(-2, "Name or service not known"), "[Errno -2] Name or service not known"),
        (OSError("x" * 1000), "x" * 200),
    ],
    ids=["password of a proxy", "no text", "certificate", "name", "long"],
)
def test_what_a_message_repeats_of_a_cause(cause: Exception, text: str) -> None:
    error = in_phase(Phase.CONNECTING).error(cause)
    assert str(error).endswith(f"could not connect: {text}")
    assert "secret" not in str(error)


# What a thread or task carries


def test_nothing_is_carried_by_itself() -> None:
    assert (current_exchange(), current_target()) == (None, None)


def test_what_is_carried_inside() -> None:
    outer, inner = Exchange(REQUEST, LIMITS), Exchange(REQUEST, LIMITS)
    with carrying(outer, target="/outer"):
        with carrying(inner):
            assert (current_exchange(), current_target()) == (inner, None)
        assert (current_exchange(), current_target()) == (outer, "/outer")
        with carrying(None, target="/t"):
            assert (current_exchange(), current_target()) == (None, "/t")
        with pytest.raises(OSError, match="broke"), carrying(inner):
            raise OSError("broke")
        assert current_exchange() is outer
    assert (current_exchange(), current_target()) == (None, None)


def test_threads_carry_nothing_of_one_another() -> None:
    seen: list[object] = []
    with carrying(Exchange(REQUEST, LIMITS), target="/t"):
        thread = threading.Thread(target=lambda: seen.extend([current_exchange(), current_target()]))
        thread.start()
        thread.join()
    assert seen == [None, None]
