"""Hypothesis strategies for Rest.li: what property tests of an encoder, a client or a server are fed with.

    @given(values())
    def test_what_is_encoded_comes_back(value):
        assert my_decode(my_encode(value)) == value

    values    values, scalars, encodables, texts, keys, urns
    received  wire_texts, query_texts, projection_texts, malformed_texts: what a decoder is handed
    json      documents, patches, projections
    asked     queries, paths, call_arguments, calls, http_requests
    answers   http_responses, to a given call
    posts     little_texts, little_text_parts: the commentaries of LinkedIn's posts

Each docstring states the law that its values are made for, and what a failure shrinks to. All of them begin with what
encoders are known to stumble over, and shrink to the simplest value that still fails: ``''`` rather than ``'0'``, one
level rather than three. `hypothesis.strategies.from_type` gives them for `Urn`, `HttpRequest` and `Call`, without any
import of this module.

They need hypothesis (the extra ``testing``).
"""

from restli_transports.testing.strategies.answers import http_responses
from restli_transports.testing.strategies.calls import call_arguments, calls, http_requests, paths, queries
from restli_transports.testing.strategies.commentaries import little_text_parts, little_texts
from restli_transports.testing.strategies.documents import documents, patches, projections
from restli_transports.testing.strategies.received import malformed_texts, projection_texts, query_texts, wire_texts
from restli_transports.testing.strategies.values import encodables, keys, scalars, texts, urns, values

__all__ = [
    "call_arguments",
    "calls",
    "documents",
    "encodables",
    "http_requests",
    "http_responses",
    "keys",
    "little_text_parts",
    "little_texts",
    "malformed_texts",
    "patches",
    "paths",
    "projection_texts",
    "projections",
    "queries",
    "query_texts",
    "scalars",
    "texts",
    "urns",
    "values",
    "wire_texts",
]
