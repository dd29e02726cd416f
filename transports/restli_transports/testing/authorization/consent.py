"""The authorization endpoints: the page on which a member consents, and the code that an application gets for it.

GET    a page with what the application asks for, and the buttons Allow and Cancel
POST   the decision: a redirect to the application, with a code or an error

the web flow       RFC 6749 section 4.1     redirect URLs as registered, nothing of PKCE
the native flow    RFC 7636                 an S256 challenge; for loopback any port (RFC 8252 section 7.3)

Until it is known which application asks, and where it wants the member sent, an error is a page; after that it is a
redirect to the application, as the code is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from restli_transports.testing.authorization.messages import (
    OAuthRefusal,
    Parameters,
    page_answer,
    read_parameters,
    redirect_answer,
    require,
    split_target,
    wrong_method_answer,
)
from restli_transports.testing.authorization.state import App, Grant, State

if TYPE_CHECKING:
    from restli_core.messages import HttpRequest, HttpResponse

__all__ = ["answer_authorization"]

_CONSENT_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Allow {app}?</title>
<h1>Allow {app}?</h1>
<p>It asks for:</p>
<ul>{scopes}</ul>
<form method="post" action="{action}">
<p><label>You are <select name="member">{members}</select></label></p>
<p>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="cancel">Cancel</button>
</p>
</form>
</html>
"""

_ERROR_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{error}</title>
<h1>{error}</h1>
<p>{description}</p>
</html>
"""


def answer_authorization(
    state: State, request: HttpRequest, *, members: Sequence[str], is_native: bool
) -> HttpResponse:
    """Answer a request to an authorization endpoint.

    Args:
        state: what the server knows; a consent gives out a code there.
        request: the request.
        members: the members who may be chosen.
        is_native: whether it is the endpoint of the native flow.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        return wrong_method_answer("GET, HEAD, POST")
    path, query = split_target(request.url)
    try:
        asked = read_parameters(query)
        app, redirect_url = _read_application(state, asked, is_native=is_native)
    except OAuthRefusal as refusal:
        # RFC 6749 section 4.1.2.1: as long as the application is in doubt, the member is not sent anywhere.
        page = _ERROR_PAGE.format(error=escape(refusal.error), description=escape(refusal.description))
        return page_answer(refusal.status, page)
    try:
        scopes = _read_scopes(app, asked, is_native=is_native)
        if request.method != "POST":
            page = _CONSENT_PAGE.format(
                app=escape(app.client_id),
                action=escape(f"{path}?{query}"),
                scopes="".join(f"<li>{escape(scope)}</li>" for scope in scopes),
                members="".join(f"<option>{escape(member)}</option>" for member in members),
            )
            return page_answer(200, page)
        member = _read_decision(read_parameters(request.body.decode("latin-1")), members)
    except OAuthRefusal as refusal:
        return redirect_answer(redirect_url, refusal.document, asked.get("state"))
    code, issued = state.give_out("code", Grant(app.client_id, member, scopes, int(state.now)))
    # The token endpoint compares both with what comes along with the code.
    issued.redirect_url = redirect_url
    issued.challenge = asked.get("code_challenge")
    return redirect_answer(redirect_url, {"code": code}, asked.get("state"))


def _read_application(state: State, asked: Parameters, *, is_native: bool) -> tuple[App, str]:
    """Return the application that asks, and the redirect URL that it wants, which is one of its own."""
    app = state.apps.get(require(asked, "client_id"))
    if app is None:
        raise OAuthRefusal("invalid_client", "There is no application with this client_id")
    redirect_url = require(asked, "redirect_uri")
    compared = [redirect_url, *app.redirect_urls]
    if is_native:
        # RFC 8252 section 7.3: a native application listens on the port that it gets.
        compared = [re.sub(r"^(http://(?:127\.0\.0\.1|\[::1\])):[0-9]+(?=/|$)", r"\1", url) for url in compared]
    if compared[0] not in compared[1:]:
        raise OAuthRefusal("invalid_redirect_uri", "The redirect_uri is not registered with the application")
    return app, redirect_url


def _read_scopes(app: App, asked: Parameters, *, is_native: bool) -> tuple[str, ...]:
    """Return the scopes that are asked for, if the application may ask for them, and in this flow."""
    if not is_native:
        if "code_challenge" in asked or "code_challenge_method" in asked:
            raise OAuthRefusal("invalid_client", "The web flow takes no parameters of PKCE")
    elif not app.native:
        raise OAuthRefusal("unauthorized_client", "The application may not use the native flow")
    # RFC 7636 section 4.2: a SHA-256 hash in base64url
    elif (
        not re.fullmatch(r"[A-Za-z0-9\-_]{43}", require(asked, "code_challenge"))
        or asked.get("code_challenge_method") != "S256"
    ):
        raise OAuthRefusal(
            "invalid_request", "The code_challenge must be one of S256, and the code_challenge_method say so"
        )
    if require(asked, "response_type") != "code":
        raise OAuthRefusal("unsupported_response_type", "The response_type must be code")
    scopes = tuple(require(asked, "scope").split())
    foreign = [scope for scope in scopes if app.scopes is not None and scope not in app.scopes]
    if foreign or not scopes:
        raise OAuthRefusal("unauthorized_scope_error", f"The application may not ask for: {' '.join(foreign)}")
    return scopes


def _read_decision(form: Parameters, members: Sequence[str]) -> str:
    """Return the member who clicked on Allow; the errors are LinkedIn's words for those who did not."""
    if form.get("decision") != "allow":
        raise OAuthRefusal("user_cancelled_authorize", "The member did not consent")
    if form.get("member") not in members:
        raise OAuthRefusal("user_cancelled_login", "The member did not sign in")
    return form["member"]
