"""The fourteen resource methods of Rest.li, as a table.

Body shapes, as LinkedIn's request builders write them (ResourceMethod.java; protocol page, "Resource methods"):

    entity            the entity itself
    elements          {"elements": [entity, ...]}
    entities          {"entities": {key: entity, ...}}
    patch             {"patch": patch}
    patches           {"entities": {key: {"patch": patch}, ...}}
    parameters        {name: value, ...}
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from restli_core.values import HashableValue

__all__ = ["METHODS", "RESERVED_PARAMETERS", "Method"]

RETURN_ENTITY: Final = "$returnEntity"

# A server routes by these. What else a method may have as a parameter of the caller's, `_FREE` says.
RESERVED_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ids": "the ids of batch_get, batch_update, batch_partial_update and batch_delete",
        "q": "the finder_name of finder",
        "bq": "the finder_name of batch_finder",
        "action": "the action_name of action",
    }
)


class Method(HashableValue):
    """A resource method.

    Attributes:
        name: its name in Rest.li, in lower case, such as ``batch_get``.
        verb: its HTTP method.
        parameter: the query parameter that marks it: ``ids``, ``q``, ``bq`` or ``action``; None if it has none.
        body: the shape of its body; None if it has none.
        returns_entity: whether it knows ``$returnEntity``.
        safe: whether it only reads; such a call may be repeated, even if it was sent as a POST in a tunnel.
        idempotent: whether doing it twice has the same effect as doing it once.
    """

    name: str
    verb: str
    parameter: str | None
    body: str | None
    returns_entity: bool
    safe: bool
    idempotent: bool

    @property
    def claimed(self) -> frozenset[str]:
        """The names that cannot be parameters of the caller's: a server would take the call for one of another method.

        To a server GET with ``q`` is a finder, whatever else it has, and POST with ``action`` an action; ``action`` is
        an action's only with POST (RestLiRouter.java:281-346).
        """
        return _CLAIMED[self.name]

    @property
    def header(self) -> str:
        """The name in the header X-RestLi-Method, in upper case as LinkedIn's documentation has it."""
        return self.name.upper()


_ROWS: Final = (
    #       name                    verb      parameter  body         returns  safe   idempotent
    Method("get",                  "GET",    None,      None,         False, True,  True),
    Method("batch_get",            "GET",    "ids",     None,         False, True,  True),
    Method("get_all",              "GET",    None,      None,         False, True,  True),
    Method("finder",               "GET",    "q",       None,         False, True,  True),
    Method("batch_finder",         "GET",    "bq",      None,         False, True,  True),
    Method("create",               "POST",   None,      "entity",     True,  False, False),
    Method("batch_create",         "POST",   None,      "elements",   True,  False, False),
    Method("update",               "PUT",    None,      "entity",     False, False, True),
    Method("batch_update",         "PUT",    "ids",     "entities",   False, False, True),
    Method("partial_update",       "POST",   None,      "patch",      True,  False, False),
    Method("batch_partial_update", "POST",   "ids",     "patches",    True,  False, False),
    Method("delete",               "DELETE", None,      None,         False, False, True),
    Method("batch_delete",         "DELETE", "ids",     None,         False, False, True),
    Method("action",               "POST",   "action",  "parameters", False, False, False),
)  # fmt: skip

_FREE: Final = {"finder": {"bq", "action"}, "batch_finder": {"action"}, "action": {"q"}}
_CLAIMED: Final = {
    method.name: frozenset(RESERVED_PARAMETERS.keys() - _FREE.get(method.name, frozenset())) for method in _ROWS
}

METHODS: Final[Mapping[str, Method]] = MappingProxyType({method.name: method for method in _ROWS})
"""The methods by name, in the order of the protocol's own list."""
