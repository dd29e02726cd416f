"""An application's own token (two-legged), and what the authorization server knows of it."""

from __future__ import annotations

from connection import auth_place

from restli_transports import AuthClient


def main(auth: AuthClient) -> None:
    token = auth.get_two_legged_access_token()
    print("token     ", len(token.access_token), "characters, for", token.expires_in, "s")

    found = auth.introspect_access_token(token.access_token)
    print("introspect", found.status, found.auth_type, found.expires_at)


if __name__ == "__main__":
    with (
        auth_place() as there,
        AuthClient(there.client_id, there.client_secret, base_url=there.auth_base_url) as auth,
    ):
        main(auth)
