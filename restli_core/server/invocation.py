"""What a server is asked, and the error that it may answer: an Invocation and a Refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from restli_core.base_errors import RestliError
from restli_core.bodies import strict_dumps
from restli_core.encoding import Decoded  # noqa: TC001 - for typing.get_type_hints
from restli_core.messages import Headers, HttpResponse

__all__ = ["Invocation", "Refusal"]

PROTOCOL_VERSION: Final = "2.0.0"
MAX_INT: Final = 2**31 - 1  # Java's Integer.MAX_VALUE


def checked_status(status: object, argument: str) -> int:
    """Return a status that a handler gave, if HTTP can answer with it (RFC 9110 section 15); a ValueError if not."""
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 999:
        raise ValueError(f"{argument} must be an int from 200 to 999, not {status!r}")
    return status


class Refusal(RestliError):
    """An error that a Rest.li server answers with: raised by `read`, and by a handler that refuses.

    Args:
        status: the HTTP status, such as 404.
        message: the words of the answer.
        fields: further fields of Rest.li's ErrorResponse, such as ``serviceErrorCode`` or ``code``.
    """

    status: int
    message: str
    fields: Mapping[str, Any]

    def __init__(self, status: int, message: str, **fields: Any) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.fields = fields

    @property
    def document(self) -> dict[str, Any]:
        """The ErrorResponse; a ValueError where the status is none of HTTP's."""
        return {"status": checked_status(self.status, "Refusal.status"), "message": self.message, **self.fields}

    @property
    def response(self) -> HttpResponse:
        """The whole answer."""
        headers = {
            "Content-Type": "application/json",
            "X-RestLi-Protocol-Version": PROTOCOL_VERSION,
            "X-RestLi-Error-Response": "true",
        }
        return HttpResponse(self.status, headers, strict_dumps(self.document))


# A dataclass and not a Value: handlers copy one with changes by `dataclasses.replace`, and may change its mappings.
@dataclass(frozen=True, slots=True, repr=False)
class Invocation:
    """What a request asks a server to do.

    Attributes:
        method: the resource method, such as ``batch_get``.
        resource: the declaration that the path matches; where none are given, the path without its base.
        path: the path as it came, still encoded.
        query: the query as it came, still encoded and without its question mark; out of the tunnel, if it was in one.
        path_keys: the keys in the path by their names: text, an int (long), or a dict (complex, association).
        finder: the name of the finder or batch finder; None for other methods.
        action: the name of the action; None for other methods.
        ids: the ids of a batch method, each once, read as the resource's kind of key.
        invalid_ids: the ids that should be complex or association keys and are not, as text: the answer has an error
            for each.
        params: the query's other parameters.
        fields: the mask of the parameter `fields`, as `parse_projection` reads it; None where there is none.
        metadata_fields: likewise, the mask of `metadataFields`.
        paging_fields: likewise, the mask of `pagingFields`.
        entity: the entity of create and update, the parameters of an action, else None.
        entities: the entities of batch_create in their order, and of batch_update in the order of `ids`.
        patch: the patch of partial_update; None for other methods.
        patches: the patches of batch_partial_update, in the order of `ids`.
        return_entity: whether the caller wants the entity back; None where the request does not say.
        headers: the request's header fields.
    """

    method: str
    resource: str
    path: str
    query: str = ""
    path_keys: Mapping[str, Any] = field(default_factory=dict)
    finder: str | None = None
    action: str | None = None
    ids: tuple[Any, ...] = ()
    invalid_ids: tuple[str, ...] = ()
    params: Mapping[str, Decoded] = field(default_factory=dict)
    fields: Mapping[str, Any] | None = None
    metadata_fields: Mapping[str, Any] | None = None
    paging_fields: Mapping[str, Any] | None = None
    entity: Any = None
    entities: tuple[Any, ...] = ()
    patch: Any = None
    patches: tuple[Any, ...] = ()
    return_entity: bool | None = None
    headers: Headers = field(default_factory=Headers)

    @property
    def key(self) -> Any:
        """The key that the path ends in: the key of the entity; None where the path ends in a name."""
        last = self.resource.rpartition("/")[2]
        # A key as a resource declares it, {name} or {name:kind}. An undeclared resource is a path, and has no braces.
        return self.path_keys.get(last[1:-1].partition(":")[0]) if last.startswith("{") else None

    @property
    def start(self) -> int:
        """The index of the first element wanted of a collection, from 0, which is the default.

        Raises:
            Refusal: 400, the parameter ``start`` is not a number of 31 bits.
        """
        return self._paging_number("start", 0)

    @property
    def count(self) -> int:
        """The number of elements wanted of a collection; 10 by default, as in the reference.

        Raises:
            Refusal: 400, the parameter ``count`` is not a number of 31 bits.
        """
        return self._paging_number("count", 10)

    def _paging_number(self, name: str, default: int) -> int:
        """Return a parameter that is a number of elements."""
        given = self.params.get(name, "")
        if not isinstance(given, str):
            raise Refusal(400, "Invalid (non-integer) start/count parameters")
        # As Java's Integer.parseInt, for which a text of white space is none at all (RestUtils.getPagingContext).
        if not given.strip(" \t\r\n"):
            return default
        number = re.fullmatch(r"([+-]?)0*([0-9]{1,10})", given)
        if number is None:
            raise Refusal(400, "Invalid (non-integer) start/count parameters")
        sign, value = number[1], int(number[2])
        if value > MAX_INT or (value and sign == "-"):
            raise Refusal(400, f"The parameter {name} is not a number from 0 to {MAX_INT}")
        return value

    def __repr__(self) -> str:
        return f"<Invocation {self.method} {self.resource}>"
