"""Tokens that stay fresh: sources that clients ask for them, and stores that keep them.

    client = RestliClient(access_token=RefreshingSource(auth, FileStore("token.json")))

`python -m restli_transports.tokens.login` signs a member in, and fills a store.
"""

from restli_transports.tokens.protocols import AsyncTokenSource, TokenSource, TokenStore
from restli_transports.tokens.sources import (
    AsyncClientCredentialsSource,
    AsyncFixedSource,
    AsyncRefreshingSource,
    ClientCredentialsSource,
    FixedSource,
    RefreshingSource,
)
from restli_transports.tokens.stores import FileStore, KeyringStore

__all__ = [
    "AsyncClientCredentialsSource",
    "AsyncFixedSource",
    "AsyncRefreshingSource",
    "AsyncTokenSource",
    "ClientCredentialsSource",
    "FileStore",
    "FixedSource",
    "KeyringStore",
    "RefreshingSource",
    "TokenSource",
    "TokenStore",
]
