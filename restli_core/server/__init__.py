"""The other end: what a Rest.li server reads in a request, and how it answers. Pure, like all of the core.

    request -> read -> Invocation -> (a handler of yours) -> respond -> response

It is as strict as LinkedIn's own server: a request that gets a 400 there, `read` refuses with 400. What `restli_core`
builds and `read` reads is what the caller meant; what `respond` writes and a call parses is what the handler meant.

The URL alone does not distinguish a get from a get_all, nor a complex key from text. So a server declares its
resources, in the grammar of `Resource`: ``/adAccounts/{id:long}`` declares a collection and its entities, ``/me`` a
simple resource.
"""

from restli_core.server.answering import Collection, Created, respond
from restli_core.server.invocation import Invocation, Refusal
from restli_core.server.reading import read
from restli_core.server.resources import Resource

__all__ = ["Collection", "Created", "Invocation", "Refusal", "Resource", "read", "respond"]
