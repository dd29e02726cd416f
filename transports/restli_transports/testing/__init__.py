"""Tools for tests: transports that answer in memory, servers on loopback, and the suite that transports pass.

    fake = FakeTransport()
    fake.on("/adAccounts/{id:long}", "get", lambda invocation: {"id": invocation.key, "name": "Summer"})
    RestliClient(fake).get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"]     # "Summer"

The fakes need nothing else. `RestliServer` needs h11, and is imported when it is asked for (the extra ``h11``).
"""

from typing import TYPE_CHECKING, Any

from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.handlers import Handlers
from restli_transports.testing.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from restli_transports.testing.server import RestliServer

__all__ = [
    "AuthorizationServer",
    "FakeAsyncTransport",
    "FakeTransport",
    "Handlers",
    "RestliServer",
    "ScriptedServer",
]


def __getattr__(name: str) -> Any:
    """Import the server when it is asked for: it alone needs a library (PEP 562)."""
    if name == "RestliServer":
        from restli_transports.testing.server import RestliServer

        return RestliServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
