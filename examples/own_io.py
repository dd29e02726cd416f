"""The core alone, over the standard library's http.client: bring your own I/O."""

from __future__ import annotations

import http.client
from typing import TypeVar
from urllib.parse import urlsplit

from connection import argument, place

import restli_core as restli
from restli_core import Call, HttpResponse

T = TypeVar("T")


def send(call: Call[T]) -> T:
    """Send a call, and return its answer: what a transport and a client do."""
    request = call.request
    url = urlsplit(request.url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.netloc, timeout=60)
    try:
        target = request.url.partition(url.netloc)[2]
        connection.request(request.method, target, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        return call.parse(HttpResponse(answer.status, answer.getheaders(), answer.read(), request.url))
    finally:
        connection.close()


if __name__ == "__main__":
    with place() as there:
        key = {"id": int(argument("account", local="5001"))}
        account = send(restli.get("/adAccounts/{id}", path_keys=key, **there._asdict()))
        print(account.entity["name"])
