"""Look-ups of names: one for a host at a time, none of which delays another's; and connecting to what they find."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from restli_transports.wire.lookups import addresses_of, connect_quickest

Run = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    return lambda function: anyio.run(function, backend=request.param)


class Names:
    """In place of `socket.getaddrinfo`: some names are slow, and each look-up is recorded."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = addresses
        self.asked: list[str] = []
        self.answered = threading.Event()  # what the slow ones wait for

    def __call__(self, host: str, port: object, **_: Any) -> list[Any]:
        del port
        self.asked.append(host)
        if host.startswith("slow"):
            assert self.answered.wait(60)
        if host not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in at], socket.SOCK_STREAM, 6, "", (at, 0)) for at in self.addresses[host]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    known = Names(slow=["127.0.0.1"], slow2=["127.0.0.2"], quick=["127.0.0.3"])
    monkeypatch.setattr(socket, "getaddrinfo", known)
    return known


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "fe80::1%lo"])
def test_an_address_is_not_looked_up(run: Run, names: Names, address: str) -> None:
    async def main() -> list[str]:
        return await addresses_of(address)

    assert run(main) == [address]
    assert names.asked == []


def test_calls_that_want_a_name_at_the_same_time_share_a_look_up(run: Run, names: Names) -> None:
    found: list[list[str]] = []

    async def main() -> None:
        async def look_up() -> None:
            found.append(await addresses_of("slow"))

        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(look_up)
            await anyio.wait_all_tasks_blocked()
            assert found == []
            names.answered.set()
        await addresses_of("slow")

    run(main)
    assert found == [["127.0.0.1"]] * 100
    assert names.asked == ["slow"] * 2  # what was found is not kept: names move


def test_slow_names_delay_no_other(run: Run, names: Names) -> None:
    # More than the threads that an event loop has for this.
    slow = [f"slow{number}" for number in range(60)]
    names.addresses.update({name: ["127.0.0.9"] for name in slow})

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for name in slow:
                tasks.start_soon(addresses_of, name)
            await anyio.wait_all_tasks_blocked()
            with anyio.fail_after(30):
                assert await addresses_of("quick") == ["127.0.0.3"]
            names.answered.set()

    run(main)


def test_a_call_that_is_given_up_leaves_the_look_up_to_the_next(run: Run, names: Names) -> None:
    async def main() -> None:
        for _ in range(5):
            with anyio.move_on_after(0.01):
                await addresses_of("slow")
        names.answered.set()
        with anyio.fail_after(30):
            assert await addresses_of("slow") == ["127.0.0.1"]

    run(main)
    assert len(names.asked) <= 2  # the second one if the first was over before the last call


def test_each_call_has_an_error_of_its_own(run: Run, names: Names) -> None:
    names.answered.set()
    errors: list[socket.gaierror] = []

    async def main() -> None:
        async def look_up() -> None:
            with pytest.raises(socket.gaierror, match="no such host") as caught:
                await addresses_of("slow.unknown")
            errors.append(caught.value)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look_up)
            tasks.start_soon(look_up)

    run(main)
    assert errors[0] is not errors[1]


def test_a_name_that_no_host_has(run: Run) -> None:
    async def main() -> None:
        with pytest.raises((UnicodeError, socket.gaierror)):
            await addresses_of("a..test")

    run(main)


def test_a_loop_may_end_before_a_look_up(run: Run, names: Names) -> None:
    async def main() -> None:
        with anyio.move_on_after(0.01):
            await addresses_of("slow")

    run(main)
    names.answered.set()


def test_addresses_of_both_families_take_turns(run: Run, names: Names) -> None:
    names.addresses["both"] = ["::1", "::2", "127.0.0.1", "127.0.0.2"]

    async def main() -> list[str]:
        return await addresses_of("both")

    assert run(main) == ["::1", "127.0.0.1", "::2", "127.0.0.2"]


def test_a_thread_that_cannot_be_started_is_an_os_error(
    run: Run, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        monkeypatch.setattr(threading.Thread, "start", failing)
        with pytest.raises(OSError, match="can't start new thread"):
            await addresses_of("quick")
        monkeypatch.undo()
        monkeypatch.setattr(socket, "getaddrinfo", names)
        assert await addresses_of("quick") == ["127.0.0.3"]

    run(main)


class Stream:
    def __init__(self, address: str) -> None:
        self.address = address
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True


class Network:
    """Connects to addresses: those that are deaf never answer, those that refuse raise."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.streams: list[Stream] = []

    async def connect(self, address: str) -> Stream:
        self.tried.append(address)
        if address.startswith("deaf"):
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        if address.startswith("refusing"):
            raise ConnectionRefusedError(address)
        self.streams.append(Stream(address))
        return self.streams[-1]


@pytest.mark.parametrize(
    ("addresses", "connected"),
    [
        (["good"], "good"),
        (["good", "other"], "good"),
        (["refusing", "good"], "good"),
        (["refusing", "refusing2", "good"], "good"),
        (["deaf", "good"], "good"),
        (["deaf", "refusing", "good"], "good"),
    ],
    ids=["one", "two", "one that refuses", "two that refuse", "one that is deaf", "one of each"],
)
def test_the_first_address_that_accepts(run: Run, addresses: list[str], connected: str) -> None:
    network = Network()

    async def main() -> Stream:
        return await connect_quickest(addresses, network.connect)

    stream = run(main)
    assert (stream.address, stream.closed) == (connected, False)
    assert all(other.closed for other in network.streams if other is not stream)


def test_the_last_failure_is_raised_where_no_address_accepts(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(ConnectionRefusedError, match="refusing2"):
            await connect_quickest(["refusing", "refusing2"], Network().connect)

    run(main)


def test_what_was_connected_at_the_moment_of_a_cancellation_is_closed(run: Run) -> None:
    network = Network()

    async def main() -> None:
        async def connect(address: str) -> Stream:
            if address == "deaf":
                await anyio.sleep_forever()
            stream = await network.connect(address)
            scope.cancel()
            return stream

        with anyio.CancelScope() as scope:
            await connect_quickest(["deaf", "good"], connect)
            raise AssertionError("it was cancelled")

    run(main)
    assert [stream.closed for stream in network.streams] == [True]


def test_attempts_that_are_given_up_end(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError), anyio.fail_after(0.05):
            await connect_quickest(["deaf", "deaf2"], Network().connect)

    run(main)
