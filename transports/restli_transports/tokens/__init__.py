"""Tokens that stay fresh: sources that clients ask for them, and stores that keep them.

    client = RestliClient(access_token=RefreshingSource(auth, FileStore("token.json")))

    protocols   what a third party implements: a source, a store, an auth client
    stores      a file, the system's keyring
    cache       when a token is good, and how another is got: decided here, done elsewhere
    sources     the sources, to block on and to await
    members     a source for each member
    login       the command that signs a member in, and fills a store

`python -m restli_transports.tokens.login` is not imported here: it alone makes a client.
"""

from restli_transports.tokens.members import AsyncMemberTokens, MemberTokens
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
    "AsyncMemberTokens",
    "AsyncRefreshingSource",
    "AsyncTokenSource",
    "ClientCredentialsSource",
    "FileStore",
    "FixedSource",
    "KeyringStore",
    "MemberTokens",
    "RefreshingSource",
    "TokenSource",
    "TokenStore",
]
