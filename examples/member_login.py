"""A small web application that members sign in to with LinkedIn, and that greets them: http://127.0.0.1:8000/.

The application's redirect URL must be http://127.0.0.1:8000/callback, and it must have the scope r_basicprofile. With
--local it plays the member too, who goes through it once.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import threading
import time
from html import escape
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener

from connection import auth_place, free_port
from flask import Flask, redirect, request, session
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from restli_core import RestliError, oauth
from restli_transports import AuthClient, RestliClient
from restli_transports.auth import new_state
from restli_transports.tokens import RefreshingSource

UNVERSIONED = "https://api.linkedin.com/v2"  # where the profile is


def web_application(auth: AuthClient, api: RestliClient) -> Flask:
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes()  # it signs the cookies, which hold no token
    signed_in: dict[str, RefreshingSource] = {}  # a real application has a store for each

    @app.get("/")
    def home() -> str:
        source = signed_in.get(session.get("id", ""))
        if source is None:
            return '<a href="/login">Sign in with LinkedIn</a>'
        member = api.with_options(access_token=source).get("/me").entity
        return f"Hello, {escape(member['localizedFirstName'])}!"

    @app.get("/login")
    def sign_in() -> Response:
        session["state"] = new_state()
        return redirect(auth.generate_member_auth_url("r_basicprofile", session["state"]))

    @app.get("/callback")
    def come_back() -> Response | tuple[str, int]:
        state = session.pop("state", None)  # good for one redirect
        if state is None:
            return "Sign in first.", 400
        now = time.time()
        try:
            code = oauth.read_redirect(request.full_path, state)
            answer = auth.exchange_auth_code_for_access_token(code)
        except RestliError as error:
            return f"That did not work: {escape(str(error))}", 400
        session["id"] = new_state()
        signed_in[session["id"]] = RefreshingSource(auth, oauth.Token.received(answer, now))
        return redirect("/")

    return app


def play_the_member(home: str) -> None:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{home}/login") as consent:
        print(*re.findall("<h1>(.*)</h1>", consent.read().decode()))
    with browser.open(consent.url, b"decision=allow&member=urn:li:person:ada") as page:
        print(page.read().decode())

    with browser.open(f"{home}/login"):
        pass  # and then somebody slips them a redirect that is not theirs
    try:
        browser.open(f"{home}/callback?code=forged&state=forged")
    except HTTPError as refused:
        print(refused.read().decode())
        refused.close()


if __name__ == "__main__":
    # Its log has whole URLs, and so the codes of members.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    port = free_port() if "--local" in sys.argv else 8000
    home = f"http://127.0.0.1:{port}"
    redirect_url = f"{home}/callback"
    with (
        auth_place(redirect_url) as there,
        AuthClient(there.client_id, there.client_secret, redirect_url, base_url=there.auth_base_url) as auth,
        RestliClient(base_url=there.base_url or UNVERSIONED) as api,
    ):
        server = make_server("127.0.0.1", port, web_application(auth, api), threaded=True)
        if "--local" in sys.argv:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            play_the_member(home)
            server.shutdown()
            server.server_close()
        else:
            print(f"Open {home}/ in a browser.")
            server.serve_forever()
