"""Handlers: what a Rest.li server does, by resource and method; and resources that live in memory. No sockets.

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
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar, overload

from restli_core.encoding import Decoded, encode
from restli_core.errors import InvalidCallError
from restli_core.keys import canonical_key
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS
from restli_core.patch import apply
from restli_core.server import Collection, Created, Invocation, Refusal, Resource, read, respond

__all__ = ["CollectionResource", "Handler", "Handlers", "SimpleResource"]

Handler: TypeAlias = Callable[[Invocation], Any]
CriteriaHandler: TypeAlias = Callable[[Invocation, Decoded], Any]

H = TypeVar("H", bound=Handler)
C = TypeVar("C", bound=CriteriaHandler)

_logger: Final = logging.getLogger(__name__)

_NAMED: Final = frozenset({"finder", "batch_finder", "action"})
_OF_SIMPLE_RESOURCES: Final = frozenset({"get", "update", "partial_update", "delete", "action"})

# What answers a batch for which there is no handler: the handler of the single method, id by id.
_SINGLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "batch_get": "get",
        "batch_create": "create",
        "batch_update": "update",
        "batch_partial_update": "partial_update",
        "batch_delete": "delete",
    }
)


class Registering:
    """The ways to register handlers: those of `Handlers`, and of all that has some."""

    @property
    def handlers(self) -> Handlers:
        """The handlers."""
        raise NotImplementedError

    @overload
    def on(self, resource: str, method: str, handler: H, *, name: str | None = None) -> H: ...

    @overload
    def on(self, resource: str, method: str, *, name: str | None = None) -> Callable[[H], H]: ...

    def on(self, resource: str, method: str, handler: Handler | None = None, *, name: str | None = None) -> Any:
        """Registers a handler, in place of one that is there; a decorator where the handler is left out.

        Args:
            resource: the resource as the grammar of `restli_core.server` declares it: ``/adAccounts/{id:long}`` for
                the collection and its entities alike, ``/me`` for a simple resource.
            method: the resource method, such as ``batch_get``. A batch without a handler of its own goes, id by id,
                to the handler of the single method.
            handler: the function that answers.
            name: the name of the finder, batch finder or action.

        Raises:
            InvalidCallError: the declaration is malformed, or is another one of a path that is declared already; the
                resource cannot have the method; the name is missing, or one too many.
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
        """Registers a collection that lives in memory, with all methods but finders and actions.

        Args:
            resource: its declaration, such as ``/adAccounts/{id:long}``.
            entities: the entities by key, or a list of them.
            id_of: tells the key of an entity, given or created. Without it, given entities have theirs in the field
                ``id``, and so have created ones where keys are complex or associations. Other created entities are
                numbered, and get the number as their ``id``.

        Raises:
            InvalidCallError: as for `on`; an entity is no JSON object, or has no id.
        """
        return CollectionResource(self.handlers, resource, entities, id_of)

    def simple(self, resource: str, entity: Mapping[str, Any] | None = None) -> SimpleResource:
        """Registers a simple resource that lives in memory, with get, update, partial_update and delete.

        Args:
            resource: its declaration, such as ``/me``.
            entity: what it is at first; None for nothing.

        Raises:
            InvalidCallError: as for `on`; the entity is no JSON object.
        """
        return SimpleResource(self.handlers, resource, entity)


class Handlers(Registering):
    """Handlers by resource and method. They may be called, and registered, from several threads."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._handlers: dict[tuple[str, str, str | None], Handler] = {}
        self._lock = threading.Lock()

    @property
    def handlers(self) -> Handlers:
        """These."""
        return self

    def add(self, resource: str, method: str, handler: Handler, name: str | None) -> None:
        """As `on`, for a handler that is there."""
        declared = Resource(resource)
        _check_method(declared, method, name)
        with self._lock:
            for other in self._resources.values():
                if other != declared and _paths(other) & _paths(declared):
                    raise InvalidCallError("resource", f"{resource!r} is declared already, as {other.declaration!r}")
            # A new mapping: others may be reading the one before.
            self._resources = {**self._resources, resource: declared}
            self._handlers = {**self._handlers, (resource, method, name): handler}

    def read(self, request: HttpRequest, *, base_path: str = "") -> Invocation:
        """What a request asks of these resources.

        Raises:
            Refusal: it cannot be understood, or is for another resource.
        """
        return read(request, self._resources.values(), base_path=base_path)

    def respond(self, invocation: Invocation) -> HttpResponse:
        """The answer of the handler; an error of Rest.li's where it refuses or fails, or where there is none."""
        try:
            return self._answer(invocation)
        except Exception as error:
            _logger.exception("The handler of %s %s failed", invocation.method, invocation.resource)
            kind = type(error).__name__
            return Refusal(500, f"The handler failed: {kind}; the log has more", exceptionClass=kind).response

    def answer(self, request: HttpRequest, *, base_path: str = "") -> HttpResponse:
        """The answer to a request, whatever it is.

        Args:
            request: the request; its URL may be whole, or just the target.
            base_path: what stands before the resources in every path, such as ``/rest``.
        """
        try:
            invocation = self.read(request, base_path=base_path)
        except Refusal as refusal:
            return refusal.response
        return self.respond(invocation)

    def _answer(self, invocation: Invocation) -> HttpResponse:
        try:
            result = self._handler(invocation)(invocation)
            return result if isinstance(result, HttpResponse) else respond(invocation, result)
        except Refusal as refusal:
            return refusal.response

    def _handler(self, invocation: Invocation) -> Handler:
        resource, method = invocation.resource, invocation.method
        name = invocation.action if invocation.finder is None else invocation.finder
        own = self._handlers.get((resource, method, name))
        if own is not None:
            return own
        single = self._handlers.get((resource, _SINGLE.get(method, ""), None))
        if single is not None:
            return partial(_one_by_one, single, _SINGLE[method], self._resources[resource].key or "")
        operation = f"Method {method}" if name is None else f"Operation {method} named {name!r}"
        raise Refusal(400, f"{operation} is not supported on resource {resource}")


def _check_method(resource: Resource, method: str, name: str | None) -> None:
    if method not in METHODS:
        raise InvalidCallError("method", f"{method!r} is none of {', '.join(METHODS)}")
    if resource.key is None and method not in _OF_SIMPLE_RESOURCES:
        reason = f"{method} is for collections: declare {resource.declaration!r} with its key, as in /adAccounts/{{id}}"
        raise InvalidCallError("resource", reason)
    if (name is not None) != (method in _NAMED):
        raise InvalidCallError("name", f"is for {', '.join(sorted(_NAMED))}, and these need it")


def _paths(resource: Resource) -> set[tuple[str | None, ...]]:
    """The paths of a declaration, less what their keys are: a collection's, and its entities'."""
    return {resource.names, resource.names[:-1] if resource.key else resource.names}


def _one_by_one(handler: Handler, method: str, key: str, invocation: Invocation) -> list[Any]:
    return [_item(handler, one) for one in _singles(invocation, method, key)]


def _singles(invocation: Invocation, method: str, key: str) -> list[Invocation]:
    """The invocations of the single method that a batch is made of."""
    bare = replace(invocation, method=method, ids=(), invalid_ids=(), entities=(), patches=())
    if method == "create":
        return [replace(bare, entity=entity) for entity in invocation.entities]
    parts = zip_longest(invocation.ids, invocation.entities, invocation.patches)
    return [replace(_at(bare, key, one), entity=entity, patch=patch) for one, entity, patch in parts]


def _at(invocation: Invocation, key: str, one: Any) -> Invocation:
    """The same of one entity of the collection."""
    path = f"{invocation.path.rstrip('/')}/{encode(one)}"
    return replace(invocation, path=path, path_keys={**invocation.path_keys, key: one})


def _item(handler: Handler, invocation: Invocation) -> Any:
    try:
        result = handler(invocation)
    except Refusal as refusal:
        return refusal
    if isinstance(result, HttpResponse):
        raise TypeError(f"an HttpResponse for {invocation.method} cannot be part of a batch: register the batch method")
    return result


# -- resources in memory -----------------------------------------------------------------------------------------------


def _copied(entity: Mapping[str, Any]) -> dict[str, Any]:
    return apply(entity, {})  # the patch of no change copies, at any depth


def _patched(entity: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return apply(entity, patch)
    except InvalidCallError as error:
        raise Refusal(400, str(error)) from None


def _missing(invocation: Invocation) -> Refusal:
    return Refusal(404, f"Requested entity not found: type={invocation.method}, resource={invocation.resource}")


def _page(invocation: Invocation, found: Any) -> Any:
    """The page that was asked for, of a finder that returns all it found."""
    if isinstance(found, Collection | HttpResponse | Refusal):
        return found
    elements = list(found)
    return Collection(elements[invocation.start : invocation.start + invocation.count], len(elements))


class CollectionResource(MutableMapping[Any, dict[str, Any]]):
    """A collection in memory: a mapping of keys to entities, and a place to register its finders and actions.

    Entities are copied on their way in and out, so what a test holds is never what the store holds. Keys are compared
    as Rest.li does: 1 and ``"1"`` are one, the parameters of a complex key do not matter. Where there are keys further
    up in the path, all of them lead to the same entities.

    update and partial_update of an entity that is not there are answered with 404, but an association is made by an
    update, which is the way to make one. Entities are returned where ``$returnEntity`` asks for them.

    Use `Handlers.collection`, or the same of a server or transport, to make one.
    """

    def __init__(
        self,
        handlers: Handlers,
        resource: str,
        entities: Mapping[Any, Mapping[str, Any]] | Iterable[Mapping[str, Any]],
        id_of: Callable[[dict[str, Any]], Any] | None,
    ) -> None:
        kind = Resource(resource).kind
        if kind is None:
            raise InvalidCallError("resource", f"{resource!r} has no key: declare one, as in /adAccounts/{{id}}")
        self._handlers = handlers
        self._resource = resource
        self._kind = kind
        self._id_of = id_of
        self._lock = threading.RLock()
        # The keys and entities by what the key means. The entities in it are never changed, but put in anew.
        self._entities: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._last_number = 0
        self._fill(entities)
        methods: dict[str, Handler] = {
            "get": self._get,
            "get_all": self._get_all,
            "create": self._create,
            "update": self._update,
            "partial_update": self._partial_update,
            "delete": self._delete,
        }
        for method, handler in methods.items():
            handlers.on(resource, method, handler)

    @property
    def entities(self) -> list[dict[str, Any]]:
        """All entities, in the order in which they came in."""
        with self._lock:
            entities = [entity for _, entity in self._entities.values()]
        return [_copied(entity) for entity in entities]

    def finder(self, name: str) -> Callable[[H], H]:
        """Registers a finder: a function that returns all it finds, or a Collection that is a page already."""

        def register(handler: H) -> H:
            self._handlers.on(self._resource, "finder", lambda asked: _page(asked, handler(asked)), name=name)
            return handler

        return register

    def batch_finder(self, name: str, *, criteria: str) -> Callable[[C], C]:
        """Registers a batch finder: a function of the invocation and of one of the criteria, as for `finder`.

        Args:
            name: its name.
            criteria: the name of the parameter that has the criteria.
        """

        def register(handler: C) -> C:
            def found(one: Decoded, invocation: Invocation) -> Any:
                return _page(invocation, handler(invocation, one))

            def answer(invocation: Invocation) -> list[Any]:
                given = invocation.params.get(criteria)
                if not isinstance(given, list):
                    raise Refusal(400, f"Parameter '{criteria}' is required, and is a List")
                return [_item(partial(found, one), invocation) for one in given]

            self._handlers.on(self._resource, "batch_finder", answer, name=name)
            return handler

        return register

    def action(self, name: str) -> Callable[[H], H]:
        """Registers an action, of the collection and of its entities: `key` of the invocation tells which."""
        return self._handlers.on(self._resource, "action", name=name)

    def __getitem__(self, key: Any) -> dict[str, Any]:
        with self._lock:
            _, entity = self._entities[canonical_key(key)]
        return _copied(entity)

    def __setitem__(self, key: Any, entity: Mapping[str, Any]) -> None:
        copy, meaning = _copied(entity), canonical_key(key)
        with self._lock:
            known, _ = self._entities.get(meaning, (key, None))
            self._entities[meaning] = (known, copy)
            if isinstance(key, int):
                self._last_number = max(self._last_number, key)

    def __delitem__(self, key: Any) -> None:
        with self._lock:
            del self._entities[canonical_key(key)]

    def __iter__(self) -> Iterator[Any]:
        with self._lock:
            return iter([key for key, _ in self._entities.values()])

    def __len__(self) -> int:
        return len(self._entities)

    def __repr__(self) -> str:
        return f"<CollectionResource {self._resource} of {len(self)}>"

    def _fill(self, entities: Mapping[Any, Mapping[str, Any]] | Iterable[Mapping[str, Any]]) -> None:
        if isinstance(entities, Mapping):
            self.update(entities)
            return
        for given in entities:
            entity = _copied(given)
            key = entity.get("id") if self._id_of is None else self._id_of(entity)
            if key is None:
                raise InvalidCallError("entities", "one has no id: give them by key, or give id_of")
            self[key] = given

    def _get(self, invocation: Invocation) -> dict[str, Any]:
        return self._existing(invocation)

    def _get_all(self, invocation: Invocation) -> Any:
        return _page(invocation, self.entities)

    def _create(self, invocation: Invocation) -> Created:
        entity = _copied(invocation.entity)
        with self._lock:
            key = self._new_key(entity)
            if key in self:
                raise Refusal(409, "There is an entity with this key already")
            self[key] = entity
        return Created(key, entity if invocation.return_entity else None)

    def _new_key(self, entity: dict[str, Any]) -> Any:
        if self._id_of is not None:
            return self._id_of(_copied(entity))
        if self._kind.is_element:
            if not isinstance(entity.get("id"), Mapping):
                raise Refusal(400, "The entity does not tell its key, in the field id")
            return entity["id"]
        entity["id"] = self._new_number() if self._kind.name == "long" else str(self._new_number())
        return entity["id"]

    def _new_number(self) -> int:
        self._last_number += 1
        while self._last_number in self:
            self._last_number += 1
        return self._last_number

    def _update(self, invocation: Invocation) -> Any:
        with self._lock:
            if self._kind.name != "association":
                self._existing(invocation)
            self[invocation.key] = invocation.entity
        return invocation.entity if invocation.return_entity else None

    def _partial_update(self, invocation: Invocation) -> Any:
        with self._lock:
            entity = _patched(self._existing(invocation), invocation.patch)
            self[invocation.key] = entity
        return entity if invocation.return_entity else None

    def _delete(self, invocation: Invocation) -> None:
        with self._lock:
            self._existing(invocation)
            del self[invocation.key]

    def _existing(self, invocation: Invocation) -> dict[str, Any]:
        try:
            return self[invocation.key]
        except KeyError:
            raise _missing(invocation) from None


class SimpleResource:
    """A simple resource in memory; None where it is not there, so that a get is answered with 404.

    Its entity is copied on its way in and out. An update makes it where it is not there.

    Use `Handlers.simple`, or the same of a server or transport, to make one.
    """

    def __init__(self, handlers: Handlers, resource: str, entity: Mapping[str, Any] | None) -> None:
        if Resource(resource).key is not None:
            raise InvalidCallError("resource", f"{resource!r} ends in a key: it is a collection")
        self._handlers = handlers
        self._resource = resource
        self._lock = threading.RLock()
        self._entity: dict[str, Any] | None = None
        self.entity = entity
        methods: dict[str, Handler] = {
            "get": self._get,
            "update": self._update,
            "partial_update": self._partial_update,
            "delete": self._delete,
        }
        for method, handler in methods.items():
            handlers.on(resource, method, handler)

    @property
    def entity(self) -> dict[str, Any] | None:
        """What it is now."""
        entity = self._entity  # never changed, but put in anew
        return None if entity is None else _copied(entity)

    @entity.setter
    def entity(self, entity: Mapping[str, Any] | None) -> None:
        self._entity = None if entity is None else _copied(entity)

    def action(self, name: str) -> Callable[[H], H]:
        """Registers an action."""
        return self._handlers.on(self._resource, "action", name=name)

    def __repr__(self) -> str:
        return f"<SimpleResource {self._resource}>"

    def _get(self, _invocation: Invocation) -> dict[str, Any] | None:
        return self.entity

    def _update(self, invocation: Invocation) -> Any:
        self.entity = invocation.entity
        return invocation.entity if invocation.return_entity else None

    def _partial_update(self, invocation: Invocation) -> Any:
        with self._lock:
            entity = _patched(self._existing(invocation), invocation.patch)
            self.entity = entity
        return entity if invocation.return_entity else None

    def _delete(self, invocation: Invocation) -> None:
        with self._lock:
            self._existing(invocation)
            self.entity = None

    def _existing(self, invocation: Invocation) -> dict[str, Any]:
        if self._entity is None:
            raise _missing(invocation)
        return self._entity
