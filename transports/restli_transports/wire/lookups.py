"""Look-ups of hosts' names for event loops, and connecting to what they find.

Event loops look names up in threads that all hosts share, some few of them: so one name whose server is slow would keep
all others waiting. Here each name has a thread of its own, and never more than one: calls that want the same name at
the same time wait for the same look-up, which goes on where a call is given up.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Final, Protocol, TypeVar

import anyio

from restli_transports.wire.forks import on_fork
from restli_transports.wire.loops import call_soon, running_loop

__all__ = ["addresses_of", "connect_quickest"]

StreamT = TypeVar("StreamT", bound="Closing")

_HEAD_START: Final = 0.25  # seconds; RFC 8305 section 5


class Closing(Protocol):
    """What can be closed, awaited."""

    async def aclose(self) -> None:
        """Close it."""
        ...


class _LookUp:
    """A look-up under way: `over` is set when there are `addresses` or an `error`."""

    def __init__(self) -> None:
        self.over = anyio.Event()
        self.addresses: list[str] = []
        self.error: Exception | None = None


class _LookUps:
    """Those under way, by loop and host. A child process begins without any: their threads are the parent's."""

    def __init__(self) -> None:
        self.under_way: dict[tuple[Any, str], _LookUp] = {}
        on_fork(self)

    def after_fork(self) -> None:
        self.under_way.clear()


_look_ups: Final = _LookUps()


async def addresses_of(host: str) -> list[str]:
    """Return the addresses of a host, in the order in which they are to be tried; of an address itself at once.

    Raises:
        OSError: it has none.
        UnicodeError: this is a name that no host has, such as one with two dots together.
    """
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    key = running_loop(), host
    look_up = _look_ups.under_way.get(key)
    if look_up is None:
        look_up = _look_ups.under_way[key] = _LookUp()
        try:
            threading.Thread(target=_look_up, args=(key, look_up), name=f"look-up of {host}", daemon=True).start()
        except RuntimeError as error:
            del _look_ups.under_way[key]
            raise OSError(f"no thread to look a name up in: {error}") from error
    await look_up.over.wait()
    if look_up.error is not None:
        # A new one for each: an exception that is raised in several tasks would collect all their frames.
        raise type(look_up.error)(*look_up.error.args)
    return look_up.addresses


def _look_up(key: tuple[Any, str], look_up: _LookUp) -> None:
    """Look a name up, in a thread, and let the loop know."""
    loop, host = key
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        look_up.addresses = _in_turn([(family, str(address[0])) for family, *_, address in found])
    except (OSError, UnicodeError) as error:
        look_up.error = error
    finally:
        _look_ups.under_way.pop(key, None)
        with suppress(RuntimeError):  # the loop is over
            call_soon(loop, look_up.over.set)


def _in_turn(found: Sequence[tuple[int, str]]) -> list[str]:
    """Return addresses with the second family's first one at the second place, so that it need not wait long."""
    others = [address for family, address in found if family != found[0][0]]
    addresses = [address for family, address in found if family == found[0][0]]
    return [*addresses[:1], *others[:1], *addresses[1:], *others[1:]]


async def connect_quickest(addresses: Sequence[str], connect: Callable[[str], Awaitable[StreamT]]) -> StreamT:
    """Return a stream to the first of a host's addresses that accepts one (RFC 8305, "happy eyeballs").

    Each address has a head start of a quarter of a second, unless it fails before; then the next is tried as well.

    Args:
        addresses: at least one.
        connect: connects to one.

    Raises:
        Exception: what `connect` raised for the last one that failed, where all did.
    """
    if len(addresses) == 1:
        return await connect(addresses[0])
    connected: list[StreamT] = []
    failures: list[Exception] = []

    async def attempt(address: str, over: anyio.Event) -> None:
        try:
            stream = await connect(address)
        except Exception as error:  # noqa: BLE001 - whatever it is, another address may do
            failures.append(error)
            over.set()
        else:
            connected.append(stream)
            tasks.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as tasks:
            for address in addresses:
                over = anyio.Event()
                tasks.start_soon(attempt, address, over)
                with anyio.move_on_after(_HEAD_START):
                    await over.wait()
    except BaseException:
        await _close_all(connected)
        raise
    await _close_all(connected[1:])
    if not connected:
        raise failures[-1]
    return connected[0]


async def _close_all(streams: Sequence[Closing]) -> None:
    with anyio.CancelScope(shield=True):
        for stream in streams:
            with suppress(Exception):
                await stream.aclose()
