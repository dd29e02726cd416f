"""An authorization server in memory: OAuth 2.0 as LinkedIn answers it, for tests and for trying things out. No sockets.

    GET   /oauth/v2/authorization             the consent page of the web flow           RFC 6749 section 4.1.1
    GET   /oauth/native-pkce/authorization    that of the native flow, with PKCE         RFC 7636 section 4.3
    POST  to either                           the member's decision: back to the application
    POST  /oauth/v2/accessToken               a token, for a code, a refresh token or an application's credentials
    POST  /oauth/v2/introspectToken           what is known of a token                   RFC 7662
    POST  /oauth/v2/revoke                    the end of a token                         RFC 7009
    GET   /v2/userinfo                        who the member of a token is               OpenID Connect

    authorization = AuthorizationServer()
    authorization.app("app", "secret", redirect_urls=["https://app.example/back"])

    url = generate_member_auth_url("app", "https://app.example/back", "r_ads", "state")
    code = read_redirect(authorization.consent(url), "state")      # the member clicks on Allow
    authorization.advance(60 * 86400)                              # and two months pass

`RestliServer` and `FakeTransport` serve it beside their resources: give it to them as ``authorization``. It keeps
secrets and tokens in clear, and lets everybody consent: it is not a place for real ones.

    state             applications, grants, codes, tokens, and what time it is
    messages          parameters in, answers out
    consent           the authorization endpoints, with the page that the member sees
    token_endpoints   the other three
    claims            who a member is: userinfo
    server            `AuthorizationServer`: all of these together, and what a test does with them
    token_check       `TokenCheck`: which requests reach the resources beside it
"""

from restli_transports.testing.authorization.server import AuthorizationServer
from restli_transports.testing.authorization.state import App, Grant
from restli_transports.testing.authorization.token_check import TokenCheck

__all__ = ["App", "AuthorizationServer", "Grant", "TokenCheck"]
