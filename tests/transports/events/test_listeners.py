from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from restli_core import Call, InvalidCallError
from restli_transports.events import CallEnded, Event, TokenReplaced
from restli_transports.events.listeners import MAX_NESTING, Listeners
from tests.support.played_events import TOKEN, a_call, play

EVENT = TokenReplaced()


class Awaited:
    async def __call__(self, event: Event) -> None: ...

    async def method(self, event: Event) -> None: ...


class Adding:
    """A listener that adds headers."""

    def __init__(self, headers: Any) -> None:
        self._headers = headers

    def __call__(self, event: Event) -> None: ...

    def headers(self, call: Call[Any]) -> Any:
        if isinstance(self._headers, Exception):
            raise self._headers
        return self._headers


class AddingLater(Adding):
    async def headers(self, call: Call[Any]) -> Any:
        return {}


async def awaited(event: Event) -> None: ...


async def many(event: Event) -> AsyncIterator[int]:
    yield 1


def one_by_one(event: Event) -> Iterator[int]:
    yield 1


def put(queue: list[Any], event: Event) -> None:
    queue.append(event)


# -- what is taken -----------------------------------------------------------------------------------------------------


def test_nobody_listens() -> None:
    listeners = Listeners(None)
    assert not listeners.is_on()
    assert not listeners.has_headers
    listeners.emit(EVENT)
    assert listeners.extra_headers(a_call()) == {}


def test_a_function_a_list_and_a_tuple_are_told() -> None:
    told: list[Any] = []
    for on_event in (told.append, [told.append], (told.append,), partial(put, told)):
        listeners = Listeners(on_event)
        assert listeners.is_on()
        listeners.emit(EVENT)
    assert told == [EVENT] * 4
    assert not Listeners([]).is_on()


def test_a_list_that_can_be_called_is_one_listener() -> None:
    class Kept(list[Event]):
        def __call__(self, event: Event) -> None:
            self.append(event)

    kept = Kept()
    Listeners(kept).emit(EVENT)
    Listeners([kept]).emit(EVENT)
    assert kept == [EVENT] * 2


def test_each_is_told_in_their_order() -> None:
    told: list[str] = []
    on_event = [lambda _: told.append("first"), lambda _: told.append("second")]
    listeners = Listeners(on_event)
    on_event.clear()  # what is done to the list later changes nothing
    listeners.emit(EVENT)
    listeners.emit(EVENT)
    assert told == ["first", "second"] * 2


@pytest.mark.parametrize(
    "listener",
    [
        awaited,
        many,
        one_by_one,
        partial(awaited),
        partial(partial(awaited)),
        Awaited(),
        Awaited().method,
        partial(Awaited()),
        AddingLater({}),
    ],
    ids=range(9),
)
def test_what_would_have_to_be_awaited_is_refused(listener: Any) -> None:
    with pytest.raises(InvalidCallError, match="coroutine") as refused:
        Listeners(listener)
    assert refused.value.argument == "on_event"
    with pytest.raises(InvalidCallError, match="coroutine") as refused:
        Listeners([print, listener])
    assert refused.value.argument == "on_event[1]"


@pytest.mark.parametrize(
    "listener", [lambda: None, lambda event, more: None, lambda *, event: None], ids=["none", "two", "by keyword"]
)
def test_what_does_not_take_one_argument_is_refused(listener: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"on_event(\[0\])?: must take one argument: the event"):
        Listeners(listener)
    fitting: list[Any] = [print, lambda event, more=None: None, lambda *events: None]
    Listeners(fitting)


@pytest.mark.parametrize("listener", ["print", 5, {}, Adding, None], ids=repr)
def test_what_is_not_a_listener_is_refused(listener: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^on_event\[0\]: must be"):
        Listeners([listener])


def test_several_come_in_a_list() -> None:
    with pytest.raises(InvalidCallError, match=r"^on_event: must be a function of an event, or a list of such"):
        Listeners({print})  # type: ignore[arg-type]


# -- what they raise ---------------------------------------------------------------------------------------------------


def test_what_a_listener_raises_is_logged_and_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Any] = []

    def careless(event: Event) -> None:
        raise KeyError(f"cannot count {event}")

    Listeners([careless, told.append]).emit(EVENT)
    assert told == [EVENT]
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("restli_transports", "ERROR")
    assert "careless failed at TokenReplaced\nTraceback" in record.message
    assert "KeyError: 'cannot count TokenReplaced()'" in record.message
    assert record.exc_info is None  # whoever shows the variables of a traceback would show the call


def test_what_a_listener_raises_is_logged_without_a_token(caplog: pytest.LogCaptureFixture) -> None:
    def careless(event: Any) -> None:
        raise KeyError(event.call.request.headers["Authorization"])

    call = a_call()
    Listeners(careless).emit(CallEnded(call, None, 0.5))
    Listeners(Adding(ValueError(TOKEN))).extra_headers(call)
    assert "careless failed at CallEnded of <Call get: GET https://api" in caplog.text
    assert caplog.text.count("KeyError: 'Bearer …'") == caplog.text.count("ValueError: …") == 1
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_not_an_exception_goes_on_its_way(kind: type[BaseException]) -> None:
    def interrupted(event: Event) -> None:
        raise kind

    told: list[Any] = []
    listeners = Listeners([interrupted, told.append])
    with pytest.raises(kind):
        listeners.emit(EVENT)
    assert told == []
    Listeners(told.append).emit(EVENT)  # nothing is left of it
    assert told == [EVENT]


def test_a_coroutine_that_a_function_returns_is_closed_and_told_of(caplog: pytest.LogCaptureFixture) -> None:
    # Python warns of one that is left alone, and warnings are errors here.
    Listeners(lambda event: [awaited(event)][0]).emit(EVENT)
    Listeners(Adding(awaited(EVENT))).extra_headers(a_call())
    assert caplog.text.count("TypeError: it returned a coroutine, which nobody awaits") == 2


class Broken(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("the disk is full")


def test_a_log_that_fails_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def careless(event: Event) -> None:
        raise ValueError

    told: list[Any] = []
    handler, logger = Broken(), logging.getLogger("restli_transports")
    listeners = Listeners([careless, told.append, Adding({"Host": "a-host"}), Adding(ValueError())])
    logger.addHandler(handler)
    try:
        with caplog.at_level(logging.DEBUG, "restli_transports"):
            play(listeners.emit, a_call(), 503, 200)
            assert listeners.extra_headers(a_call()) == {}
    finally:
        logger.removeHandler(handler)
    assert len(told) == 6


# -- calls that a listener sends ---------------------------------------------------------------------------------------


def test_a_listener_is_told_of_its_own_calls() -> None:
    told: list[Any] = []

    def sending(event: Event) -> None:
        told.append(event)
        if len(told) == 1:
            play(listeners.emit, a_call("/me", path_keys=None), 200)

    listeners = Listeners(sending)
    play(listeners.emit, a_call(), 200)
    assert [(type(event).__name__, event.call.resource_path) for event in told] == [
        ("RequestSent", "/adAccounts/{id}"),
        ("RequestSent", "/me"),
        ("ResponseReceived", "/me"),
        ("CallEnded", "/me"),
        ("ResponseReceived", "/adAccounts/{id}"),
        ("CallEnded", "/adAccounts/{id}"),
    ]


def test_a_listener_that_sends_at_each_event_comes_to_an_end(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Event] = []

    def sending(event: Event) -> None:
        told.append(event)
        play(listeners.emit, a_call(), 200)

    listeners = Listeners(sending)
    play(listeners.emit, a_call(), 200)
    assert len(told) == sum(3**depth for depth in range(1, MAX_NESTING + 1))
    assert "a listener sends calls at the events of its own calls" in caplog.text


# -- headers -----------------------------------------------------------------------------------------------------------


def added(*headers: Any, call: Call[Any] | None = None) -> dict[str, str]:
    listeners = Listeners([*map(Adding, headers)])
    assert listeners.has_headers
    return listeners.extra_headers(call or a_call())


def test_headers_of_all_are_added(caplog: pytest.LogCaptureFixture) -> None:
    assert added({"traceparent": "00-1-2-01"}, {}, {"X-Job": "nightly"}) == {
        "traceparent": "00-1-2-01",
        "X-Job": "nightly",
    }
    assert caplog.text == ""


def test_of_two_with_one_name_the_later_is_taken() -> None:
    assert added({"X-Job": "a"}, {"x-job": "b"}) == {"x-job": "b"}


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "authorization",
        "HOST",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
        "Connection",
        "Accept-Encoding",
        "LinkedIn-Version",
        "X-RestLi-Method",
        "x-restli-protocol-version",
        "X-RestLi-Anything",
        "X-HTTP-Method-Override",
        "Proxy-Authorization",
    ],
)
def test_what_no_listener_may_set_is_left_out(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert added({name: "a-value", "X-Job": "nightly"}) == {"X-Job": "nightly"}
    assert f"a header of Adding is left out: no listener may set {name}" in caplog.text
    assert "a-value" not in caplog.text


@pytest.mark.parametrize(
    "headers",
    [{"a b": "v"}, {"": "v"}, {"X-A": "a\r\nX-B: c"}, {"X-A": "é"}, {"X-A": 5}, {5: "v"}, {"X-A": None}, {"X-A": b"v"}],
    ids=repr,
)
def test_what_no_request_can_carry_is_left_out(headers: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert added({**headers, "X-Job": "nightly"}) == {"X-Job": "nightly"}
    assert "a header of Adding is left out: headers" in caplog.text


def test_what_the_call_has_itself_stays(caplog: pytest.LogCaptureFixture) -> None:
    call = a_call(headers={"X-Job": "mine"})
    assert added({"x-job": "another", "traceparent": "00-1-2-01"}, call=call) == {"traceparent": "00-1-2-01"}
    assert caplog.text == ""


@pytest.mark.parametrize("headers", [ValueError("no trace"), None, [("X-A", "b")], "X-A: b"], ids=repr)
def test_one_that_fails_adds_nothing_and_breaks_nothing(headers: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert added(headers, {"X-Job": "nightly"}) == {"X-Job": "nightly"}
    assert "on_event: Adding failed at headers" in caplog.text


def test_an_attribute_of_that_name_is_not_a_listeners() -> None:
    class Exporter:
        headers: Mapping[str, str] = {"X-Key": "of the place that events go to"}

        def __call__(self, event: Event) -> None: ...

    assert not Listeners(Exporter()).has_headers


def test_the_call_is_what_headers_are_asked_for() -> None:
    asked: list[Any] = []

    class Asking(Adding):
        def headers(self, call: Call[Any]) -> Any:
            asked.append(call)
            return {}

    call = a_call()
    Listeners(Asking({})).extra_headers(call)
    assert asked == [call]
    assert asked[0] is call


def test_events_are_made_for_debugging_alone_too(caplog: pytest.LogCaptureFixture) -> None:
    listeners = Listeners()
    with caplog.at_level(logging.DEBUG, "restli_transports"):
        assert listeners.is_on()
    assert not listeners.is_on()
