"""restli_transports: what sends the calls of `restli_core`.

>>> from restli_transports import RestliClient
>>> client = RestliClient(access_token=token, version_string="202609")     # doctest: +SKIP
>>> client.get("/adAccounts/{id}", path_keys={"id": 123}).entity           # doctest: +SKIP

Importing this package imports no HTTP library; each transport is a module of its own, named like its library, and needs
the extra of that name.
"""

from restli_transports.auth import AsyncAuthClient, AuthClient
from restli_transports.client import AsyncRestliClient, RestliClient
from restli_transports.transport import AsyncTransport, Timeout, Transport

__all__ = [
    "AsyncAuthClient",
    "AsyncRestliClient",
    "AsyncTransport",
    "AuthClient",
    "RestliClient",
    "Timeout",
    "Transport",
]
