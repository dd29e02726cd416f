"""Handlers: what a Rest.li server does, by resource and method. No sockets.

    request -> Handlers.read -> Invocation -> its handler -> Handlers.respond -> response

A handler is a function of an `Invocation`. It returns what `restli_core.server.respond` takes for the method, or an
HttpResponse to send as it is, or raises a `Refusal`. Whatever else it raises is logged, and answered with 500.

    handlers = Handlers()
    handlers.on("/adAccounts/{id:long}", "get", lambda invocation: {"id": invocation.key})

    accounts = handlers.collection("/adAccounts/{id:long}", {1: {"name": "Summer"}})

    @accounts.finder("search")
    def search(invocation):
        return [entity for entity in accounts.entities if entity["name"] == invocation.params["name"]]
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar, overload

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.server import Invocation, Refusal, Resource, read, respond
from restli_transports.testing.in_memory import CollectionResource, SimpleResource
from restli_transports.testing.one_by_one import SINGLE_METHODS, Handler, answer_one_by_one

__all__ = ["CollectionResource", "Handler", "Handlers", "SimpleResource"]

H = TypeVar("H", bound=Handler)


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
                resource cannot have the method; the name is missing, or there is one where there must be none.
        """
        if handler is None:
            return partial(self.on, resource, method, name=name)
        self.handlers.add(resource, method, handler, name)
        return handler

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
        self._lock = threading.Lock()

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
        with self._lock:
            for other in self._resources.values():
                if other != declared and _paths(other) & _paths(declared):
                    raise InvalidCallError("resource", f"{resource!r} is declared already, as {other.declaration!r}")
            # New mappings in place of the old ones: other threads may be reading those, without the lock.
            self._resources = {**self._resources, resource: declared}
            self._handlers = {**self._handlers, (resource, method, name): handler}

    def read(self, request: HttpRequest, *, base_path: str = "") -> Invocation:
        """Return what a request asks of these resources.

        Raises:
            Refusal: it cannot be understood, or is for another resource.
        """
        return read(request, self._resources.values(), base_path=base_path)

    def respond(self, invocation: Invocation) -> HttpResponse:
        """Return the answer of the handler; an error of Rest.li's where it refuses or fails, or where there is none."""
        try:
            try:
                result = self._find(invocation)(invocation)
                return result if isinstance(result, HttpResponse) else respond(invocation, result)
            except Refusal as refusal:
                return refusal.response  # inside the outer try: a field that is not JSON fails here
        except Exception as error:
            logging.getLogger(__name__).exception("The handler of %s %s failed", invocation.method, invocation.resource)
            # The message says no more than the type of the error: its text may have what no client should see.
            kind = type(error).__name__
            return Refusal(500, f"The handler failed: {kind}; the log has more", exceptionClass=kind).response

    def answer(self, request: HttpRequest, *, base_path: str = "") -> HttpResponse:
        """Return the answer to a request, whatever it is.

        Args:
            request: the request; its URL may be whole, or just the target.
            base_path: what stands before the resources in every path, such as ``/rest``.
        """
        try:
            invocation = self.read(request, base_path=base_path)
        except Refusal as refusal:
            return refusal.response
        return self.respond(invocation)

    def _find(self, invocation: Invocation) -> Handler:
        resource, method = invocation.resource, invocation.method
        name = invocation.action if invocation.finder is None else invocation.finder
        own = self._handlers.get((resource, method, name))
        if own is not None:
            return own
        single = self._handlers.get((resource, SINGLE_METHODS.get(method, ""), None))
        if single is not None:
            return partial(answer_one_by_one, single, self._resources[resource].key or "")
        operation = f"Method {method}" if name is None else f"Operation {method} named {name!r}"
        raise Refusal(400, f"{operation} is not supported on resource {resource}")


def _paths(resource: Resource) -> set[tuple[str | None, ...]]:
    """Return the paths of a declaration, without the names of its keys: a collection's, and its entities'."""
    return {resource.names, resource.names[:-1] if resource.key else resource.names}
