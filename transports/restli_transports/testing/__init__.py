"""Tools for tests: transports that answer in memory, servers on loopback, and the suite that transports pass.

    fake = FakeTransport()
    fake.on("/adAccounts/{id:long}", "get", lambda invocation: {"id": invocation.key, "name": "Summer"})
    RestliClient(fake).get("/adAccounts/{id}", path_keys={"id": 5}).entity["name"]     # "Summer"

    in memory      fake, handlers, in_memory, authorization; sample: resources in the shape of LinkedIn's;
                   analytics: adAnalytics over generated campaigns; media: uploads, from their start to their status
    in both        pages: collections cut into pages; rules: quotas and versions as LinkedIn has them; faults by a
                   schedule; journal: what became of calls
    over sockets   server: the embedded server, over the same handlers; scripted_server: bytes as a script sends them
    suites         compliance: what every transport must do

What is a fault of the test never looks like a fault of the server: a request that nothing is registered for, and what
goes wrong in a handler, are raised through the client by the fakes, and at the end of its ``with`` by `RestliServer`.

The fakes need nothing else. `RestliServer` needs h11 (the extra ``h11``), the suite pytest and others (``testing``).
"""

from typing import TYPE_CHECKING, Any

from restli_transports.testing.analytics import AdAnalytics
from restli_transports.testing.authorization import AuthorizationServer
from restli_transports.testing.fake import FakeAsyncTransport, FakeTransport
from restli_transports.testing.faults import Faults, RowFaults
from restli_transports.testing.handlers import Handlers, UnexpectedRequestError
from restli_transports.testing.journal import Journal, JournalEntry
from restli_transports.testing.media import MediaUploads, Upload, UploadPart
from restli_transports.testing.pages import cursor_pages, generated, offset_pages

if TYPE_CHECKING:
    from restli_transports.testing.scripted_server import ScriptedServer
    from restli_transports.testing.server import RestliServer

__all__ = [
    "AdAnalytics",
    "AuthorizationServer",
    "FakeAsyncTransport",
    "FakeTransport",
    "Faults",
    "Handlers",
    "Journal",
    "JournalEntry",
    "MediaUploads",
    "RestliServer",
    "RowFaults",
    "ScriptedServer",
    "UnexpectedRequestError",
    "Upload",
    "UploadPart",
    "cursor_pages",
    "generated",
    "offset_pages",
]


def __getattr__(name: str) -> Any:
    """Import a server when it is asked for (PEP 562): unit tests need no sockets, and one of the two needs h11."""
    if name == "RestliServer":
        from restli_transports.testing.server import RestliServer

        return RestliServer
    if name == "ScriptedServer":
        from restli_transports.testing.scripted_server import ScriptedServer

        return ScriptedServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
