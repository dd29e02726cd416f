"""Handlers: what a Rest.li server does, by resource and method. No sockets.

    request -> Handlers.read -> Invocation -> its handler -> Handlers.respond -> response

A handler is a function of an `Invocation`. It returns what `restli_core.server.respond` takes for the method, or an
HttpResponse to send as it is, or raises a `Refusal`. Whatever else it raises is a fault of the test, as is a request
that no handler is there for: an `UnexpectedRequestError`. `Handlers.respond` raises both; `Handlers.answer` answers
them as a server does, with 404, 400 or 500, and hands them on.

    handlers = Handlers()
    handlers.on("/adAccounts/{id:long}", "get", lambda invocation: {"id": invocation.key})

    accounts = handlers.collection("/adAccounts/{id:long}", {1: {"name": "Summer"}})

    @accounts.finder("search")
    def search(invocation):
        return [entity for entity in accounts.entities if entity["name"] == invocation.params["name"]]

What is not Rest.li's, such as the bytes of an upload, has a function of the whole request:

    handlers.on_raw("/dms-uploads/", lambda request: HttpResponse(201, {}, b""))
"""

from __future__ import annotations

import difflib
import inspect
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, overload

from restli_core.bodies import strict_dumps
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.server import Invocation, Refusal, Resource, read, respond
from restli_core.server.invocation import checked_status
from restli_core.server.resources import NoSuchResource
from restli_transports.testing.faults import NO_FAULT, Fault, RowFaults
from restli_transports.testing.in_memory import CollectionResource, SimpleResource
from restli_transports.testing.one_by_one import SINGLE_METHODS, Handler, answer_one_by_one

__all__ = ["CollectionResource", "Handler", "Handlers", "RawHandler", "SimpleResource", "UnexpectedRequestError"]

H = TypeVar("H", bound=Handler)

RawHandler: TypeAlias = Callable[[HttpRequest], HttpResponse]
"""A function that answers a request as it came; it may raise a `Refusal`."""

MAX_SHOWN: Final = 40  # resources in an error
MAX_MEANT: Final = 200  # characters of what is asked for, likewise

_ORIGIN: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")  # what a whole URL has before its path
# What a header is made of (RFC 9110 sections 5.1 and 5.5), obs-text included.
_FIELD_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FIELD_VALUE: Final = re.compile(r"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")


class UnexpectedRequestError(AssertionError):
    """A request that no handler is registered for. It lists what is registered, the nearest of it first.

    Attributes:
        refusal: what a server answers: 404 where there is no such resource, 400 where it has no such method.
    """

    refusal: Refusal

    def __init__(self, message: str, refusal: Refusal | None = None) -> None:
        super().__init__(message)
        self.refusal = Refusal(404, message) if refusal is None else refusal


def target_of(request: HttpRequest) -> str:
    """Return what stands after the origin in a request's URL: path and query, byte for byte."""
    return _ORIGIN.sub("", request.url)


@dataclass(frozen=True, slots=True)
class RawRoute:
    """Where requests go that are not Rest.li's.

    Attributes:
        prefix: what their paths begin with.
        handler: what answers them.
        fault: says which of them fail on purpose, and how; None for none.
    """

    prefix: str
    handler: RawHandler
    fault: Callable[[HttpRequest], Fault] | None

    def next_fault(self, request: HttpRequest) -> Fault:
        """Return what is done to a request on purpose; it is asked once for each that comes."""
        return NO_FAULT if self.fault is None else self.fault(request)


class HasHandlers:
    """What registers handlers: `Handlers`, and the servers and transports that answer by them."""

    @property
    def handlers(self) -> Handlers:
        """The handlers."""
        raise NotImplementedError

    @overload
    def on(self, resource: str, method: str, handler: H, *, name: str | None = None) -> H: ...

    @overload
    def on(self, resource: str, method: str, *, name: str | None = None) -> Callable[[H], H]: ...

    def on(self, resource: str, method: str, handler: Handler | None = None, *, name: str | None = None) -> Any:
        """Register a handler, in place of one that is there; without the handler, return a decorator that does.

        Args:
            resource: the resource as the grammar of `restli_core.server` declares it: ``/adAccounts/{id:long}`` for
                the collection and its entities alike, ``/me`` for a simple resource.
            method: the resource method, such as ``batch_get``. A batch without a handler of its own goes, id by id,
                to the handler of the single method.
            handler: the function that answers.
            name: the name of the finder, batch finder or action.

        Raises:
            InvalidCallError: the declaration is malformed, or is another one of a path that is declared already; the
                resource cannot have the method; the name is missing, or there is one where there must be none; the
                handler is not a function.
        """
        if handler is None:
            return partial(self.on, resource, method, name=name)
        self.handlers.add(resource, method, handler, name)
        return handler

    def on_raw(self, prefix: str, handler: RawHandler, *, fault: Callable[[HttpRequest], Fault] | None = None) -> None:
        """Register a function for requests that are not Rest.li's, such as the bytes of an upload.

        No base path stands before theirs, and neither a token nor a version is asked of them: that is for the function
        to do. Of several whose prefix fits, the longest counts; a new one takes the place of that of the same prefix.

        Args:
            prefix: what their paths begin with, such as ``/dms-uploads/``.
            handler: answers one of them. The URL is as it came: the target at a server, whole in memory.
            fault: says what is done to a request on purpose, `NO_FAULT` for nothing; None where none fails. It takes
                the place of the schedule `faults` of a server or a fake; those of `fail_next` come first.

        Raises:
            InvalidCallError: the prefix does not begin with ``/``, or the handler is not a function.
        """
        if not isinstance(prefix, str) or not prefix.startswith("/"):
            raise InvalidCallError("prefix", "must be the beginning of a path: text that begins with /")
        if not callable(handler):
            reason = f"must be a function of the request, not {type(handler).__name__}: lambda request: ..."
            raise InvalidCallError("handler", reason)
        self.handlers.add_raw(RawRoute(prefix, handler, fault))

    def fail_rows(self, faults: RowFaults | None) -> None:
        """Have some of the rows of batches fail, by a schedule: of those that the handler of a single method answers.

        Args:
            faults: which ones; None for none any more.
        """
        self.handlers.row_faults = faults

    def collection(
        self,
        resource: str,
        entities: Mapping[Any, Mapping[str, Any]] | Iterable[Mapping[str, Any]] = (),
        *,
        id_of: Callable[[dict[str, Any]], Any] | None = None,
    ) -> CollectionResource:
        """Register a collection that lives in memory, with all methods except finders and actions.

        Args:
            resource: its declaration, such as ``/adAccounts/{id:long}``.
            entities: the entities by key, or a list of them.
            id_of: returns the key of an entity, given or created. Without it, given entities have theirs in the field
                ``id``, and so have created ones where keys are complex or associations. Other created entities are
                numbered, and get the number as their ``id``.

        Raises:
            InvalidCallError: as for `on`; an entity is not a JSON object, or has no id.
        """
        return CollectionResource(self.handlers, resource, entities, id_of)

    def simple(self, resource: str, entity: Mapping[str, Any] | None = None) -> SimpleResource:
        """Register a simple resource that lives in memory, with get, update, partial_update and delete.

        Args:
            resource: its declaration, such as ``/me``.
            entity: what it is at first; None where it is not there.

        Raises:
            InvalidCallError: as for `on`; the entity is not a JSON object.
        """
        return SimpleResource(self.handlers, resource, entity)


class Handlers(HasHandlers):
    """Handlers by resource and method. They may be called, and registered, from several threads."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._handlers: dict[tuple[str, str, str | None], Handler] = {}
        self._routes: tuple[RawRoute, ...] = ()  # the longest prefix first
        self._lock = threading.Lock()
        self.row_faults: RowFaults | None = None
        self._rows: Counter[str] = Counter()  # how often each row has come, while some are to fail

    @property
    def handlers(self) -> Handlers:
        """These handlers themselves."""
        return self

    def add(self, resource: str, method: str, handler: Handler, name: str | None) -> None:
        """Register a handler, as `on` does."""
        declared = Resource(resource)
        if method not in METHODS:
            raise InvalidCallError("method", f"{method!r} is none of {', '.join(METHODS)}")
        if declared.key is None and method not in {"get", "update", "partial_update", "delete", "action"}:
            reason = f"{method} is for collections: declare {resource!r} with its key, as in /adAccounts/{{id}}"
            raise InvalidCallError("resource", reason)
        named = ("action", "batch_finder", "finder")
        if (name is not None) != (method in named):
            raise InvalidCallError("name", f"is for {', '.join(named)}, and these need it")
        if not callable(handler):
            reason = f"must be a function of the invocation, not {type(handler).__name__}: lambda invocation: ..."
            raise InvalidCallError("handler", reason)
        with self._lock:
            for other in self._resources.values():
                if other != declared and _paths(other) & _paths(declared):
                    raise InvalidCallError("resource", f"{resource!r} is declared already, as {other.declaration!r}")
            # New mappings in place of the old ones: other threads may be reading those, without the lock.
            self._resources = {**self._resources, resource: declared}
            self._handlers = {**self._handlers, (resource, method, name): handler}

    def add_raw(self, route: RawRoute) -> None:
        """Register where requests go that are not Rest.li's, as `on_raw` does."""
        with self._lock:
            others = [one for one in self._routes if one.prefix != route.prefix]
            self._routes = tuple(sorted([*others, route], key=lambda one: -len(one.prefix)))

    def route(self, request: HttpRequest) -> RawRoute | None:
        """Return where a request goes; None for one that is Rest.li's."""
        if not self._routes:
            return None
        path = target_of(request)
        return next((one for one in self._routes if path.startswith(one.prefix)), None)

    def respond_raw(self, route: RawRoute, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request that is not Rest.li's.

        Raises:
            TypeError, ValueError: what the handler returned cannot be sent.
            Exception: the one that the handler raises.
        """
        return _checked(self._raw_result(route, request))

    def _raw_result(self, route: RawRoute, request: HttpRequest) -> Any:
        """Return what the handler returns, or the answer of the Refusal that it raises."""
        try:
            return route.handler(request)
        except Refusal as refusal:
            return refusal.response
        except StopIteration as error:
            raise RuntimeError(f"the handler for {route.prefix} raised StopIteration") from error

    def read(self, request: HttpRequest, *, base_path: str = "") -> Invocation:
        """Return what a request asks of these resources.

        Raises:
            Refusal: it cannot be understood.
            UnexpectedRequestError: it is for another resource, or for an authorization server that is not there.
        """
        path = target_of(request)
        if path.startswith("/oauth/") and "X-RestLi-Protocol-Version" not in request.headers:
            refusal = Refusal(404, "There is no authorization server")
            raise self._unexpected(request.line, refusal, "it is one for authorization=AuthorizationServer()")
        try:
            return read(request, self._resources.values(), base_path=base_path)
        except NoSuchResource as refusal:
            is_under = path.startswith(f"{base_path}/")
            why = "no resource is declared for its path" if is_under else f"its path is not under {base_path}"
            try:  # what it would mean if its path were declared
                meant = _described(read(request, base_path=base_path))
            except Refusal:
                meant = request.line
            raise self._unexpected(meant, refusal, why) from None

    def respond(self, invocation: Invocation) -> HttpResponse:
        """Return the answer of the handler; an error of Rest.li's where it refuses.

        Raises:
            UnexpectedRequestError: no handler is registered for it.
            TypeError, ValueError: what the handler returned cannot be sent.
            Exception: the one that the handler raises; a RuntimeError from a StopIteration, which no generator and no
                coroutine can raise (PEP 479), and clients are made of these.
        """
        return _response(invocation, self._result(invocation))

    def answer(
        self, request: HttpRequest, *, base_path: str = "", errors: list[BaseException] | None = None
    ) -> HttpResponse:
        """Return the answer of a server to a request, whatever it is.

        Args:
            request: the request; its URL may be whole, or just the target.
            base_path: what stands before the resources in every path, such as ``/rest``.
            errors: where to put what `read` or `respond` would have raised, with a note of the request. It is answered
                with 404 or 400 where nothing is registered for the request, and else logged and answered with 500.
        """
        was_returned = False
        route = self.route(request)
        try:
            if route is not None:
                result = self._raw_result(route, request)
                was_returned = True
                return _checked(result)
            invocation = self.read(request, base_path=base_path)
            result = self._result(invocation)
            was_returned = True
            return _response(invocation, result)
        except Refusal as refusal:  # of `read`
            return refusal.response
        except UnexpectedRequestError as error:
            fault: BaseException = error
            answer = error.refusal
        except KeyboardInterrupt:
            raise
        # All others, since a thread of a server must not end by one: pytest.fail raises a BaseException.
        except BaseException as error:
            fault, kind = error, type(error).__name__
            # Of what the handler raised no more than the type: its text may have what no client should see.
            reason = f"returned what cannot be sent: {error}" if was_returned else f"failed: {kind}; the log has more"
            answer = Refusal(500, f"The handler {reason}", exceptionClass=kind)
            logging.getLogger(__name__).exception("The handler of %s failed", request.line)
        if errors is not None:
            fault.add_note(f"The server was answering {request.line}")
            errors.append(fault)
        return answer.response

    def _result(self, invocation: Invocation) -> Any:
        """Return what the handler returns, or the Refusal that it raises."""
        handler = self._find(invocation)
        try:
            return handler(invocation)
        except Refusal as refusal:
            return refusal
        except StopIteration as error:
            raise RuntimeError(f"the handler for {_described(invocation)} raised StopIteration") from error

    def _find(self, invocation: Invocation) -> Handler:
        resource, method = invocation.resource, invocation.method
        name = invocation.action if invocation.finder is None else invocation.finder
        own = self._handlers.get((resource, method, name))
        if own is not None:
            return own
        single = self._handlers.get((resource, SINGLE_METHODS.get(method, ""), None))
        if single is not None:
            if self.row_faults is not None:
                single = partial(self._answer_row, single, self.row_faults)
            return partial(answer_one_by_one, single, self._resources[resource].key or "")
        operation = f"Method {method}" if name is None else f"Operation {method} named {name!r}"
        refusal = Refusal(400, f"{operation} is not supported on resource {resource}")
        raise self._unexpected(_described(invocation), refusal)

    def _answer_row(self, handler: Handler, faults: RowFaults, invocation: Invocation) -> Any:
        """Answer a row of a batch, unless it is to fail."""
        made = b"" if invocation.method != "create" else strict_dumps(invocation.entity)
        row = f"{invocation.method} {invocation.path} {made.decode()}"
        with self._lock:
            self._rows[row] += 1
            number = self._rows[row]
        refusal = faults.refusal(row, number)
        return handler(invocation) if refusal is None else refusal

    def _unexpected(self, meant: str, refusal: Refusal, why: str = "") -> UnexpectedRequestError:
        """Return the error for a request.

        Args:
            meant: what it asks for.
            refusal: what a server answers.
            why: why nothing is there for it; empty where that is plain.
        """
        shown = meant if len(meant) <= MAX_MEANT else f"{meant[:MAX_MEANT]}…"
        lines = [f"No handler is registered for {shown}{why and f': {why}'}"]
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(shown)
        likenesses: dict[str, float] = {}  # of each resource, that of its likest handler
        registered: dict[str, list[str]] = {}
        nearest: tuple[float, str] = (-1.0, "")
        for resource, method, name in self._handlers:
            label = _label(method, name)
            matcher.set_seq1(f"{label} of {resource}")
            likeness = matcher.ratio()
            nearest = max(nearest, (likeness, f"{label} of {resource}"))
            likenesses[resource] = max(likeness, likenesses.get(resource, 0))
            registered.setdefault(resource, []).append(label)
        if not registered:
            return UnexpectedRequestError(f"{lines[0]}\nNothing is registered at all", refusal)
        lines += [f"The nearest: {nearest[1]}", "Registered:"]
        likest = sorted(registered, key=lambda resource: -likenesses[resource])
        lines += [f"    {resource}: {', '.join(registered[resource])}" for resource in likest[:MAX_SHOWN]]
        if len(likest) > MAX_SHOWN:
            lines.append(f"    and {len(likest) - MAX_SHOWN} more resources")
        return UnexpectedRequestError("\n".join(lines), refusal)


def _label(method: str, name: str | None) -> str:
    return method if name is None else f"{method} {name!r}"


def _described(invocation: Invocation) -> str:
    """Return what is asked, as an error says it: ``finder 'search' of /adAccounts/{id:long}``."""
    name = invocation.action if invocation.finder is None else invocation.finder
    return f"{_label(invocation.method, name)} of {invocation.resource}"


def _response(invocation: Invocation, result: Any) -> HttpResponse:
    """Return the response that says what a handler returned.

    Raises:
        TypeError, ValueError: nothing can say it.
    """
    if inspect.iscoroutine(result):
        result.close()  # or Python would warn that nobody awaited it
        raise TypeError(f"the handler for {_described(invocation)} is a coroutine function: handlers are not awaited")
    if isinstance(result, HttpResponse):
        return _checked(result)
    try:
        return _checked(respond(invocation, result))
    except Refusal as refusal:
        return _checked(refusal.response)


def _checked(response: object) -> HttpResponse:
    """Return the response if it can be sent; raise a TypeError or a ValueError if not."""
    if not isinstance(response, HttpResponse):
        raise TypeError(f"it must be an HttpResponse, not {type(response).__name__}")
    checked_status(response.status_code, "the status")
    if not isinstance(response.body, bytes):
        raise TypeError(f"the body must be bytes, not {type(response.body).__name__}")
    for name, value in response.headers.raw:
        if not (isinstance(name, str) and _FIELD_NAME.fullmatch(name)):
            raise ValueError(f"{name!r} is not the name of a header")
        if not (isinstance(value, str) and _FIELD_VALUE.fullmatch(value)):
            raise ValueError(f"the value of the header {name} is nothing that a header can carry")
    return response


def _paths(resource: Resource) -> set[tuple[str | None, ...]]:
    """Return the paths of a declaration, without the names of its keys: a collection's, and its entities'."""
    return {resource.names, resource.names[:-1] if resource.key else resource.names}
