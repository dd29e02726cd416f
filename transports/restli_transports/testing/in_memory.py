"""Resources that live in memory: a collection that is a mapping, and a simple resource that is one entity.

    accounts = handlers.collection("/adAccounts/{id:long}", {1: {"name": "Summer"}})
    me = handlers.simple("/me", {"name": "Ada"})

    accounts[1]          # {"name": "Summer"}: what a client's calls left there
    me.entity            # {"name": "Ada"}

    get, update, partial_update, delete    one entity, which must be there; but update makes a simple resource or an
                                           association that is not there
    create, get_all                        a collection alone; its pages are cut by `start` and `count`
    finders, batch finders, actions        functions of yours

Entities are copied on their way in and out, so that what a test holds is never what the resource holds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from restli_core.encoding import Decoded
from restli_core.errors import InvalidCallError
from restli_core.keys import canonical_key
from restli_core.messages import HttpResponse
from restli_core.patch import apply
from restli_core.server import Collection, Created, Invocation, Refusal, Resource
from restli_transports.testing.one_by_one import Handler, answer_item

__all__ = ["CollectionResource", "SimpleResource"]

CriteriaHandler: TypeAlias = Callable[[Invocation, Decoded], Any]

H = TypeVar("H", bound=Handler)
C = TypeVar("C", bound=CriteriaHandler)


class TakesHandlers(Protocol):
    """What a resource registers its handlers with: `Handlers`."""

    def on(self, resource: str, method: str, handler: H, *, name: str | None = None) -> H:
        """Register a handler."""
        ...


class CollectionResource(MutableMapping[Any, dict[str, Any]]):
    """A collection in memory: a mapping of keys to entities, and a place to register its finders and actions.

    Keys are compared as Rest.li does: 1 and ``"1"`` are one, the parameters of a complex key do not matter. Where
    there are keys further up in the path, all of them lead to the same entities.

    update and partial_update of an entity that is not there are answered with 404, but an association is made by an
    update, which is the way to make one. Entities are returned where ``$returnEntity`` asks for them.

    Use `Handlers.collection`, or the same of a server or transport, to make one.
    """

    def __init__(
        self,
        handlers: TakesHandlers,
        resource: str,
        entities: Mapping[Any, Mapping[str, Any]] | Iterable[Mapping[str, Any]],
        id_of: Callable[[dict[str, Any]], Any] | None,
    ) -> None:
        self._resource = resource  # first, since tracebacks show the repr
        kind = Resource(resource).kind
        if kind is None:
            raise InvalidCallError("resource", f"{resource!r} has no key: declare one, as in /adAccounts/{{id}}")
        self._handlers = handlers
        self._kind = kind
        self._id_of = id_of
        # Reentrant: a handler holds it while it uses this as a mapping.
        self._lock = threading.RLock()
        # The keys and entities by the canonical form of the key. An entity in it is never changed, but replaced.
        self._entities: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._last_number = 0
        if isinstance(entities, Mapping):
            if not all(isinstance(entity, Mapping) for entity in entities.values()):
                raise InvalidCallError("entities", "is one entity, or has what is not one: give a list of them")
            self.update(entities)
        else:
            for given in entities:
                entity = _copy(given)
                key = entity.get("id") if id_of is None else id_of(entity)
                if key is None:
                    raise InvalidCallError("entities", "one has no id: give them by key, or give id_of")
                self[key] = given  # not the copy, which id_of may have changed
        for method in ("get", "update", "partial_update", "delete"):
            handlers.on(resource, method, self._answer)
        handlers.on(resource, "create", self._create)
        handlers.on(resource, "get_all", lambda asked: _page(asked, self._entities_with(asked.key)))

    @property
    def entities(self) -> list[dict[str, Any]]:
        """All entities, in the order in which they came in."""
        return self._entities_with(None)

    def finder(self, name: str) -> Callable[[H], H]:
        """Register a finder: a function that returns all it finds, or a Collection that is a page already."""

        def register(handler: H) -> H:
            self._handlers.on(self._resource, "finder", lambda asked: _page(asked, handler(asked)), name=name)
            return handler

        return register

    def batch_finder(self, name: str, *, criteria: str) -> Callable[[C], C]:
        """Register a batch finder: a function of the invocation and of one of the criteria, as for `finder`.

        Args:
            name: its name.
            criteria: the name of the parameter that has the criteria.
        """

        def register(handler: C) -> C:
            def find(one: Decoded, invocation: Invocation) -> Any:
                return _page(invocation, handler(invocation, one))

            def answer(invocation: Invocation) -> list[Any]:
                given = invocation.params.get(criteria)
                if not isinstance(given, list):
                    raise Refusal(400, f"Parameter '{criteria}' is required, and is a List")
                return [answer_item(partial(find, one), invocation) for one in given]

            self._handlers.on(self._resource, "batch_finder", answer, name=name)
            return handler

        return register

    def action(self, name: str) -> Callable[[H], H]:
        """Register an action, of the collection and of its entities: `key` of the invocation says which."""
        return partial(self._handlers.on, self._resource, "action", name=name)

    def __getitem__(self, key: Any) -> dict[str, Any]:
        with self._lock:
            _, entity = self._entities[canonical_key(key)]
        return _copy(entity)

    def __setitem__(self, key: Any, entity: Mapping[str, Any]) -> None:
        copy, canonical = _copy(entity), canonical_key(key)
        with self._lock:
            # The key stays as it came in first: a later one may have parameters, or be text where it was a number.
            known, _ = self._entities.get(canonical, (key, None))
            self._entities[canonical] = (known, copy)
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
        # `_entities` is not there yet where the arguments were wrong, and a traceback shows it.
        return f"<CollectionResource {self._resource} of {len(getattr(self, '_entities', ()))}>"

    def _entities_with(self, parts: Mapping[str, str] | None) -> list[dict[str, Any]]:
        """Return the entities whose key, an association, has these parts; all of them for None."""
        with self._lock:
            found = [entity for key, entity in self._entities.values() if parts is None or _has_parts(key, parts)]
        return [_copy(entity) for entity in found]

    def _answer(self, invocation: Invocation) -> dict[str, Any] | None:
        key = invocation.key
        with self._lock:
            _, before = self._entities.get(canonical_key(key), (None, None))
            # An id of a batch may lack parts; such an entity is not there, nor made.
            is_whole = isinstance(key, Mapping) and frozenset(key) == self._kind.parts
            after = _after(invocation, before, may_make=self._kind.name == "association" and is_whole)
            if after is None:
                del self[key]
            elif invocation.method != "get":
                self[key] = after
        return after if invocation.method == "get" or invocation.return_entity else None

    def _create(self, invocation: Invocation) -> Created:
        entity = _copy(invocation.entity)
        with self._lock:
            if self._id_of is not None:
                key = self._id_of(_copy(entity))
            elif self._kind.is_element:
                # Nobody can make up a complex or an association key.
                key = entity.get("id")
                if not isinstance(key, Mapping):
                    raise Refusal(400, "The entity does not say its key, in the field id")
            else:
                self._last_number += 1
                while self._last_number in self:  # of a collection by text, where "7" has not been counted
                    self._last_number += 1
                key = self._last_number if self._kind.name == "long" else str(self._last_number)
                entity["id"] = key
            if key in self:
                raise Refusal(409, "There is an entity with this key already")
            self[key] = entity
        return Created(key, entity if invocation.return_entity else None)


class SimpleResource:
    """A simple resource in memory; None where it is not there, so that a get is answered with 404.

    An update makes it where it is not there.

    Use `Handlers.simple`, or the same of a server or transport, to make one.
    """

    def __init__(self, handlers: TakesHandlers, resource: str, entity: Mapping[str, Any] | None) -> None:
        if Resource(resource).key is not None:
            raise InvalidCallError("resource", f"{resource!r} ends in a key: it is a collection")
        self._handlers = handlers
        self._resource = resource
        self._lock = threading.Lock()
        self._entity: dict[str, Any] | None = None
        self.entity = entity
        for method in ("get", "update", "partial_update", "delete"):
            handlers.on(resource, method, self._answer)

    @property
    def entity(self) -> dict[str, Any] | None:
        """The entity as it is now; None where it is not there."""
        entity = self._entity  # taken once, and without the lock: it is never changed, but replaced
        return None if entity is None else _copy(entity)

    @entity.setter
    def entity(self, entity: Mapping[str, Any] | None) -> None:
        self._entity = None if entity is None else _copy(entity)

    def action(self, name: str) -> Callable[[H], H]:
        """Register an action."""
        return partial(self._handlers.on, self._resource, "action", name=name)

    def __repr__(self) -> str:
        return f"<SimpleResource {self._resource}>"

    def _answer(self, invocation: Invocation) -> dict[str, Any] | None:
        with self._lock:  # so that nobody changes it between the reading and the writing
            after = _after(invocation, self._entity, may_make=True)
            if invocation.method != "get":
                self.entity = after
        return after if invocation.method == "get" or invocation.return_entity else None


def _after(invocation: Invocation, entity: dict[str, Any] | None, *, may_make: bool) -> dict[str, Any] | None:
    """Return an entity as it is after get, update, partial_update or delete; None where it is not there then.

    Args:
        invocation: the call.
        entity: the entity before; None where it is not there.
        may_make: whether an update makes an entity that is not there.

    Raises:
        Refusal: the entity is not there, or the patch cannot be applied to it.
    """
    if invocation.method == "update" and (may_make or entity is not None):
        return _copy(invocation.entity)
    if entity is None:
        raise Refusal(404, f"Requested entity not found: type={invocation.method}, resource={invocation.resource}")
    if invocation.method == "partial_update":
        try:
            return apply(entity, invocation.patch)
        except InvalidCallError as error:
            raise Refusal(400, str(error)) from None
    return None if invocation.method == "delete" else entity


def _has_parts(key: Any, parts: Mapping[str, str]) -> bool:
    """Return whether a key is a map with these parts."""
    return isinstance(key, Mapping) and all(
        name in key and canonical_key(key[name]) == text for name, text in parts.items()
    )


def _page(invocation: Invocation, found: Any) -> Any:
    """Return the page that was asked for, of a finder that returns all it found."""
    if isinstance(found, Collection | HttpResponse | Refusal):
        return found
    elements = list(found)
    return Collection(elements[invocation.start : invocation.start + invocation.count], len(elements))


def _copy(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Copy an entity at any depth; what is not a JSON object is an InvalidCallError."""
    return apply(entity, {})  # the patch without changes
