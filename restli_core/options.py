"""The keywords that the functions which make calls take, for type checkers and for documentation.

This module is without ``from __future__ import annotations``, as is each that has a named tuple: of annotations that
are text `typing` compiles every one, and the first has Python build all classes of `ast`, as long as a tenth of the
import of this package takes.
"""

import re
from collections.abc import Mapping
from typing import Any, TypedDict

from restli_core.bodies import Dumps
from restli_core.messages import Authorization
from restli_core.projection import Projection

__all__ = ["CallOptions", "EntityOptions", "annotation_text"]


class CallOptions(TypedDict, total=False):
    """The keywords that every function takes; None means the default.

    path_keys: a key for each placeholder of the path: text, a number, a Urn, a mapping for a complex key.
    query_params: further query parameters: names to values that `encode` takes; one that is None is left out.
    fields: the fields wanted: ``"id,owner:(name)"``, ``["id", "name"]`` or ``{"id": True, "owner": {"name": True}}``.
    access_token: an OAuth 2.0 bearer token; or an `Authorization`, for servers that take something else.
    version_string: LinkedIn's API version, ``"YYYYMM"``, ``"YYYYMM.RR"`` or ``"YYYYMMDD"``.
    base_url: what stands before the path; by default LinkedIn's versioned API where version_string is given, else the
        unversioned one.
    headers: further headers.
    tunnel_above: the length of the query, in characters, above which the call is tunnelled; 4000 by default. A URL of
        more than 8000 is tunnelled too.
    dumps: value -> bytes, for the body; the standard library's JSON by default.

    Raises:
        InvalidCallError: an argument cannot be sent as it is; the error names the argument, and the place in it.
        TypeError: there is no such keyword.
    """

    path_keys: Mapping[str, Any] | None
    query_params: Mapping[str, Any] | None
    fields: Projection | None
    access_token: str | Authorization | None
    version_string: str | None
    base_url: str | None
    headers: Mapping[str, str] | None
    tunnel_above: int | None
    dumps: Dumps | None


class EntityOptions(CallOptions, total=False):
    """The keywords of methods that may return the entity: `CallOptions`, and one more.

    return_entity: whether the server shall return the entity as it is afterwards (``$returnEntity``); by default the
        server decides.
    """

    return_entity: bool | None


def annotation_text(hint: object) -> str:
    """Return the type of an option as it is written above: as text, as the annotations of functions are."""
    for name, alias in (("fields", "Projection"), ("dumps", "Dumps")):
        if hint == CallOptions.__annotations__[name]:
            return f"{alias} | None"
    return re.sub(r"(?:\w+\.)+", "", str(hint))
