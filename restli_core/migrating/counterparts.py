"""Counterparts: what stands here where a name of linkedin-api-client 0.3.0 stood.

Its names were found by introspection of the installed package, and tests compare them with it where it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

__all__ = ["ADVICE", "ANSWERS", "AUTH_CALLS", "COUNTERPARTS", "PACKAGE", "Counterpart", "module_of"]

PACKAGE: Final = "linkedin_api"

Counterpart: TypeAlias = tuple[str, str]
"""A module of ours, and a name in it."""

# A class of answers -> the method whose answer it is.
_ANSWERS_OF_CLIENT: Final[Mapping[str, str]] = {
    "GetResponse": "get",
    "BatchGetResponse": "batch_get",
    "CollectionResponse": "finder",
    "BatchFinderResponse": "batch_finder",
    "CreateResponse": "create",
    "BatchCreateResponse": "batch_create",
    "UpdateResponse": "update",
    "BatchUpdateResponse": "batch_update",
    "BatchDeleteResponse": "batch_delete",
    "ActionResponse": "action",
}
_PARTS_OF_ANSWERS: Final = (
    "BatchCreateResult",
    "BatchDeleteResult",
    "BatchFinderResult",
    "BatchUpdateResult",
    "Paging",
)
_ANSWERS_OF_AUTH: Final = (
    "AccessToken2LResponse",
    "AccessToken3LResponse",
    "IntrospectTokenResponse",
    "RefreshTokenExchangeResponse",
)

COUNTERPARTS: Final[Mapping[str, Mapping[str, Counterpart]]] = {
    "linkedin_api.clients.restli.client": {"RestliClient": ("restli_transports", "RestliClient")},
    "linkedin_api.clients.auth.client": {"AuthClient": ("restli_transports", "AuthClient")},
    "linkedin_api.clients.restli.response": {
        **{name: ("restli_core", name) for name in (*_ANSWERS_OF_CLIENT, *_PARTS_OF_ANSWERS)},
        "BaseRestliResponse": ("restli_core", "RestliResponse"),
    },
    "linkedin_api.clients.common.response": {"BaseResponse": ("restli_core", "RestliResponse")},
    "linkedin_api.clients.auth.response": {
        **{name: ("restli_core.oauth", name) for name in _ANSWERS_OF_AUTH},
        "BaseAuthResponse": ("restli_core.oauth", "AuthResponse"),
    },
    "linkedin_api.clients.restli.utils.encoder": {
        "encode": ("restli_core", "encode"),
        "param_encode": ("restli_core", "param_encode"),
    },
    "linkedin_api.clients.restli.utils.decoder": {
        "decode": ("restli_core", "decode"),
        "reduced_decode": ("restli_core", "reduced_decode"),
    },
    "linkedin_api.common.errors": {
        "InvalidArgumentError": ("restli_core", "InvalidCallError"),
        "MissingArgumentError": ("restli_core", "InvalidCallError"),
        "ResponseFormattingError": ("restli_core", "InvalidResponseError"),
        "InvalidSerializedRestliError": ("restli_core", "DecodeError"),
    },
}
"""Module -> name -> what stands there. All names of one module have theirs in one module."""

ADVICE: Final[Mapping[str, str]] = {
    "build_rest_url": "the URL is `restli_core.get(...).request.url`",
    "get_restli_request_headers": "the headers are `restli_core.get(...).request.headers`",
    "get_rest_api_base_url": "the base URL follows from version_string, or is base_url",
    "get_created_entity_id": "the id is `entity_id`, `decoded_entity_id` of the answer to create",
    "encode_query_params_for_get_requests": "restli_core.param_encode, or the whole URL: `call.request.url`",
    "generate_member_auth_url": "AuthClient(...).generate_member_auth_url(scopes, state)",
    "RESTLI_METHODS": "a method is text, `call.method`, such as 'batch_get'",
}
"""What to say of a name that has no counterpart."""

ANSWERS: Final[Mapping[str, str]] = {
    **_ANSWERS_OF_CLIENT,
    "BaseRestliResponse": "delete",
    "BaseResponse": "delete",
    "BaseAuthResponse": "token",
    **dict.fromkeys(_ANSWERS_OF_AUTH, "token"),
}
"""The classes of answers, with their bases -> the method whose answer each is; `token` is any of its AuthClient's."""

AUTH_CALLS: Final = frozenset(
    {
        "exchange_auth_code_for_access_token",
        "exchange_refresh_token_for_access_token",
        "get_two_legged_access_token",
        "introspect_access_token",
    }
)
"""The methods of its AuthClient that send something."""


def module_of(module: str) -> str:
    """Return the module of ours where the names of one of its modules are."""
    return next(iter(COUNTERPARTS[module].values()))[0]
