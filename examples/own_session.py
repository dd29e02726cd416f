"""A Session of one's own: its hooks see every response, its headers go out, its proxies and certificates count."""

from __future__ import annotations

from typing import Any

import requests
from connection import argument, place

from restli_transports import RestliClient
from restli_transports.requests import RequestsTransport


def log(response: requests.Response, *_: Any, **__: Any) -> None:
    print(response.status_code, response.request.method, response.elapsed)


if __name__ == "__main__":
    with place() as there, requests.Session() as session:
        session.hooks["response"].append(log)
        session.headers["X-Team"] = "reporting"
        client = RestliClient(RequestsTransport(session), **there._asdict())
        account = client.get("/adAccounts/{id}", path_keys={"id": argument("account", local="5001")})
        print(account.entity["name"])
