"""Calls: the fourteen functions as methods of a value, which has the arguments that all of one's calls have in common.

    calls = Calls(version_string="202609", headers={"X-Region": "eu"})
    calls.get("/adAccounts/{id}", path_keys={"id": 5})      is get(..., version_string="202609", headers=...)

What the caller gives goes before what `Calls` has; headers are joined. A client has one, `client.calls`, with its own
settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from restli_core import calls
from restli_core.base_errors import InvalidCallError
from restli_core.bodies import Dumps  # noqa: TC001 - for typing.get_type_hints
from restli_core.building import check_headers, check_version
from restli_core.calls import Call
from restli_core.frames import clear_frames, concealing
from restli_core.messages import Headers, check_fields
from restli_core.paths import check_base_url
from restli_core.responses import (
    ActionResponse,
    BatchCreateResponse,
    BatchDeleteResponse,
    BatchFinderResponse,
    BatchGetResponse,
    BatchUpdateResponse,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    UpdateResponse,
)
from restli_core.signatures import describe
from restli_core.values import Value

if TYPE_CHECKING:
    from inspect import Signature

__all__ = ["Calls"]

P = ParamSpec("P")
T = TypeVar("T")


def _bound(
    function: Callable[P, Call[T]],
) -> Callable[[Callable[[Any], Call[T]]], Callable[Concatenate[Calls, P], Call[T]]]:
    """Return a decorator that makes a stub a method: it makes the same call as the function, with what `Calls` has."""

    def decorate(stub: Callable[[Any], Call[T]]) -> Callable[Concatenate[Calls, P], Call[T]]:
        def method(self: Calls, /, *args: P.args, **options: P.kwargs) -> Call[T]:
            if self.version_string is not None and options.get("version_string") is None:
                options["version_string"] = self.version_string
            if self.base_url is not None and options.get("base_url") is None:
                options["base_url"] = self.base_url
            if self.dumps is not None and options.get("dumps") is None:
                options["dumps"] = self.dumps
            if self.headers:
                options["headers"] = _joined(self.headers, options.get("headers"))
            try:
                return function(*args, **options)
            except BaseException as error:
                # What `concealing` does, but without one more function for each call to go through.
                clear_frames(error)
                del self, args, options
                raise

        update_wrapper(method, stub)
        describe(method, stub, lambda: _with_receiver(function))
        method.__doc__ = function.__doc__
        return method

    return decorate


def _with_receiver(function: Callable[..., Any]) -> Signature:
    """Return the signature of a function in a class: it takes first what it is a method of."""
    from inspect import Parameter, signature  # noqa: PLC0415 - slow to import

    written = signature(function)
    receiver = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    return written.replace(parameters=[receiver, *written.parameters.values()])


class Calls(Value):
    """The fourteen functions, with arguments that they shall have where the caller gives no others.

    It is a frozen value: equal ones make equal calls, and it pickles if its `dumps` does.

    Args:
        version_string: LinkedIn's API version, ``"YYYYMM"``, ``"YYYYMM.RR"`` or ``"YYYYMMDD"``; None for no version.
        base_url: what stands before resource paths; None for LinkedIn's API, versioned where a version is given.
        headers: further headers of each call; those that a call is given go before them, whatever their case.
        dumps: value -> bytes, for bodies; None for the standard library's JSON.

    Raises:
        InvalidCallError: one of these cannot be sent; names it.
    """

    version_string: str | None
    base_url: str | None
    headers: Headers
    dumps: Dumps | None

    @concealing
    def __init__(
        self,
        version_string: str | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        dumps: Dumps | None = None,
    ) -> None:
        if dumps is not None and not callable(dumps):
            raise InvalidCallError("dumps", "must be a function of a value that returns bytes")
        super().__init__(
            None if version_string is None else check_version(version_string),
            None if base_url is None else check_base_url(base_url),
            Headers([] if headers is None else check_fields(check_headers(headers).values())),
            dumps,
        )

    @_bound(calls.get)
    def get(self) -> Call[GetResponse]: ...

    @_bound(calls.batch_get)
    def batch_get(self) -> Call[BatchGetResponse]: ...

    @_bound(calls.get_all)
    def get_all(self) -> Call[CollectionResponse]: ...

    @_bound(calls.finder)
    def finder(self) -> Call[CollectionResponse]: ...

    @_bound(calls.batch_finder)
    def batch_finder(self) -> Call[BatchFinderResponse]: ...

    @_bound(calls.create)
    def create(self) -> Call[CreateResponse]: ...

    @_bound(calls.batch_create)
    def batch_create(self) -> Call[BatchCreateResponse]: ...

    @_bound(calls.update)
    def update(self) -> Call[UpdateResponse]: ...

    @_bound(calls.batch_update)
    def batch_update(self) -> Call[BatchUpdateResponse]: ...

    @_bound(calls.partial_update)
    def partial_update(self) -> Call[UpdateResponse]: ...

    @_bound(calls.batch_partial_update)
    def batch_partial_update(self) -> Call[BatchUpdateResponse]: ...

    @_bound(calls.delete)
    def delete(self) -> Call[DeleteResponse]: ...

    @_bound(calls.batch_delete)
    def batch_delete(self) -> Call[BatchDeleteResponse]: ...

    @_bound(calls.action)
    def action(self) -> Call[ActionResponse]: ...

    def __repr__(self) -> str:
        shown = {"version_string": self.version_string, "base_url": self.base_url}
        given = [f"{name}={value!r}" for name, value in shown.items() if value is not None]
        # Of the headers the names alone: a value may be a key.
        given += [f"headers={[*self.headers]!r}"] if self.headers else []
        return f"<Calls {', '.join(given)}>" if given else "<Calls>"


def _joined(own: Headers, given: Any) -> Any:
    """Return the headers of a call joined with one's own; what is not a mapping is for the function to refuse."""
    if given is None:
        return own
    if not isinstance(given, Mapping):
        return given
    names = {name.lower() for name in given if isinstance(name, str)}
    return {**{name: value for name, value in own.items() if name.lower() not in names}, **given}
