"""restli_core: LinkedIn's Rest.li protocol 2.0.0 for clients, without I/O.

A call is a value: a request to send, with anything, and the reader of its answer.

>>> import restli_core as restli
>>> call = restli.get("/adAccounts/{id}", path_keys={"id": 123}, version_string="202609")
>>> call.request.url
'https://api.linkedin.com/rest/adAccounts/123'
>>> call.parse(restli.HttpResponse(200, {}, b'{"id": 123, "name": "Summer"}')).entity["name"]
'Summer'

Nothing in this package does I/O, keeps state, reads a clock or uses randomness. To have calls sent, see
`restli_transports`. Its layers, from the top; imports go only downward:

    linkedin  explaining  migrating                   what is LinkedIn's own; requests explained; programs of its client
    server  oauth  flows                              the other end; tokens; what takes several steps
    bound_calls                                       Calls: the fourteen functions with defaults of one's own
    calls                                             Call, and the fourteen functions that make calls
    building  responses  options                      from arguments to a request, from a response to an answer
    methods  paths  keys  bodies  patch  tunnelling   the parts of a request
    suspicions                                        values that are probably not what was meant
    encoding                                          the grammar of values in URLs, headers and keys
    projection  places  http_dates                    single texts, and places in nested values
    errors  messages  urn  base_errors                what all of the others use
    values  callers  numbers  frames  patterns  percent  signatures

In comments, *the reference* is LinkedIn's own implementation in Java (https://github.com/linkedin/rest.li), and *the
protocol page* is https://linkedin.github.io/rest.li/spec/protocol. A name such as ``URIParamUtils.java:427`` or
``com.linkedin.restli.common.ErrorResponse`` says where in the reference a rule comes from.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from restli_core import patch
from restli_core._version import VERSION as __version__
from restli_core.base_errors import Attempt, RestliWarning, SuspiciousValueWarning, VersionSunsetWarning
from restli_core.bound_calls import Calls
from restli_core.calls import (
    Call,
    CallOptions,
    EntityOptions,
    action,
    batch_create,
    batch_delete,
    batch_finder,
    batch_get,
    batch_partial_update,
    batch_update,
    create,
    delete,
    finder,
    get,
    get_all,
    partial_update,
    update,
)
from restli_core.encoding import (
    decode,
    encode,
    param_decode,
    param_encode,
    reduced_decode,
    reduced_encode,
)
from restli_core.errors import (
    BadRequestError,
    ConflictError,
    ConnectError,
    DecodeError,
    ForbiddenError,
    InvalidCallError,
    InvalidResponseError,
    JournalError,
    LimitError,
    NotFoundError,
    OAuthError,
    OutcomeUnknownError,
    PagingError,
    PollTimeoutError,
    ProtocolError,
    RateLimitError,
    RestliError,
    ServerError,
    ServiceError,
    TransportError,
    TransportTimeout,
    UnauthorizedError,
    UnprocessableEntityError,
    URITooLongError,
    VersionNotActiveError,
)
from restli_core.flows.batching import batches
from restli_core.flows.limits import Limit
from restli_core.flows.paging import next_call
from restli_core.flows.retry import Backoff, RetryPolicy
from restli_core.flows.sent import Sent
from restli_core.messages import Authorization, Headers, HttpRequest, HttpResponse
from restli_core.responses import (
    ActionResponse,
    BatchCreateResponse,
    BatchCreateResult,
    BatchDeleteResponse,
    BatchDeleteResult,
    BatchFinderResponse,
    BatchFinderResult,
    BatchGetResponse,
    BatchRow,
    BatchUpdateResponse,
    BatchUpdateResult,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    Paging,
    RestliResponse,
    UpdateResponse,
)
from restli_core.tunnelling import tunnel, untunnel
from restli_core.urn import Urn

if TYPE_CHECKING:
    from restli_core.server import Collection, Created, Invocation, Refusal, Resource, read, respond

__all__ = [
    # values
    "HttpRequest",
    "HttpResponse",
    "Headers",
    "Authorization",
    "Call",
    "CallOptions",
    "EntityOptions",
    "Calls",
    # the fourteen methods
    "get",
    "batch_get",
    "get_all",
    "finder",
    "batch_finder",
    "create",
    "batch_create",
    "update",
    "batch_update",
    "partial_update",
    "batch_partial_update",
    "delete",
    "batch_delete",
    "action",
    # answers
    "RestliResponse",
    "GetResponse",
    "BatchGetResponse",
    "CollectionResponse",
    "BatchFinderResponse",
    "BatchFinderResult",
    "CreateResponse",
    "BatchCreateResponse",
    "BatchCreateResult",
    "UpdateResponse",
    "BatchUpdateResponse",
    "BatchUpdateResult",
    "DeleteResponse",
    "BatchDeleteResponse",
    "BatchDeleteResult",
    "ActionResponse",
    "BatchRow",
    "Paging",
    # encoding
    "encode",
    "reduced_encode",
    "param_encode",
    "decode",
    "reduced_decode",
    "param_decode",
    "Urn",
    "patch",
    "tunnel",
    "untunnel",
    # errors
    "RestliError",
    "InvalidCallError",
    "DecodeError",
    "InvalidResponseError",
    "ServiceError",
    "BadRequestError",
    "UnauthorizedError",
    "ForbiddenError",
    "NotFoundError",
    "ConflictError",
    "URITooLongError",
    "UnprocessableEntityError",
    "VersionNotActiveError",
    "RateLimitError",
    "ServerError",
    "OAuthError",
    "TransportError",
    "ConnectError",
    "TransportTimeout",
    "ProtocolError",
    "LimitError",
    "PagingError",
    "PollTimeoutError",
    "JournalError",
    "OutcomeUnknownError",
    "Attempt",
    # what clients do about failures, and not to have them
    "RetryPolicy",
    "Backoff",
    "Limit",
    # many calls
    "next_call",
    "Sent",
    "batches",
    # warnings
    "RestliWarning",
    "SuspiciousValueWarning",
    "VersionSunsetWarning",
    # the other end
    "read",
    "respond",
    "Invocation",
    "Refusal",
    "Resource",
    "Created",
    "Collection",
    "__version__",
]

# Names that people look for here -> where they are. Texts alone: nothing here imports what sends calls.
_ELSEWHERE = {
    "RestliClient": "restli_transports",
    "AsyncRestliClient": "restli_transports",
    "AuthClient": "restli_transports",
    "AsyncAuthClient": "restli_transports",
    "Timeout": "restli_transports",
    "FakeTransport": "restli_transports.testing",
    "FakeAsyncTransport": "restli_transports.testing",
    "RestliServer": "restli_transports.testing",
    "RefreshingSource": "restli_transports.tokens",
    "FileStore": "restli_transports.tokens",
}

# Names of the other end, which is imported where one of them is used: most programs are clients alone.
_OF_SERVER = frozenset({"Collection", "Created", "Invocation", "Refusal", "Resource", "read", "respond"})

# For type checkers a module with this function has every name.
if not TYPE_CHECKING:  # pragma: no branch - no program that runs is a type checker

    def __getattr__(name: str) -> object:
        """Return a name of the other end; say where a name is that is not here (PEP 562).

        An AttributeError would be no better: ``from restli_core import ...`` replaces its text.
        """
        if name == "server" or name in _OF_SERVER:
            server = import_module("restli_core.server")
            globals()[name] = found = server if name == "server" else getattr(server, name)
            return found
        if name in _ELSEWHERE:
            raise ImportError(f"restli_core sends nothing, and has no {name}: from {_ELSEWHERE[name]} import {name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return all names, those of the other end too, for editors and shells."""
        return sorted({*globals(), *_OF_SERVER})
