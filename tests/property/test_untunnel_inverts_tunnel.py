"""What a server reads from a tunnelled request is the request: untunnel(tunnel(r)) means r."""

from __future__ import annotations

from hypothesis import assume, given

from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_core.tunnelling import is_tunnelled, tunnel, untunnel
from tests.support.odd_requests import requests_of_any_make, requests_with_query


def meant(request: HttpRequest) -> HttpRequest:
    """The request less what tells of a body that is not there, and less what no request carries."""
    headers = request.headers.without("Content-Length", *([] if request.body else ["Content-Type"]))
    return HttpRequest(request.method, request.url.partition("#")[0], headers, request.body)


@given(requests_with_query)
def test_to_the_byte_and_in_order(request: HttpRequest) -> None:
    read, expected = untunnel(tunnel(request)), meant(request)
    assert read == expected
    assert read.headers.raw == expected.headers.raw


@given(requests_with_query)
def test_the_query_is_in_the_url_no_more(request: HttpRequest) -> None:
    tunnelled = tunnel(request)
    assert (tunnelled.method, tunnelled.url) == ("POST", request.url.partition("?")[0])
    assert tunnelled.headers["X-HTTP-Method-Override"] == request.method


@given(requests_of_any_make)
def test_or_tunnel_refuses(request: HttpRequest) -> None:
    try:
        tunnelled = tunnel(request)
    except InvalidCallError:
        return
    assume(tunnelled is not request)
    assert is_tunnelled(tunnelled)
    assert untunnel(tunnelled) == meant(request)
