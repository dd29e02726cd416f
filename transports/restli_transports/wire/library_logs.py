"""Library logs: what they say of a request whose URL is a secret, such as that of an upload.

urllib3 writes each target at DEBUG, httpx each URL at INFO. Of a request that hides its URL they write the host alone.
Under HTTP/2 hpack writes each header at DEBUG, and the encoded bytes of all: of such a request it writes nothing. What
they say of all others stays as it is.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from restli_transports.wire.exchange import current_exchange

__all__ = ["hide_urls", "silence"]

# A URL after its host; and a path by itself, in a request's line.
_PATHS: Final = re.compile(r'(?P<origin>https?://[^/\s"]+)/[^\s"]*|(?<=[\s"])/[^\s"]*')


def hide_urls(*names: str) -> None:
    """Have the loggers of these names write no URL of a request that hides it; once, or again."""
    for name in names:
        logging.getLogger(name).addFilter(_hide)


def silence(*names: str) -> None:
    """Have the loggers of these names write nothing while a request is on its way that hides its URL."""
    for name in names:
        logging.getLogger(name).addFilter(_drop)


def _drop(_record: logging.LogRecord) -> bool:
    return not _is_hidden()


def _is_hidden() -> bool:
    exchange = current_exchange()
    return exchange is not None and exchange.request.hides_url


def _hide(record: logging.LogRecord) -> bool:
    """Change a record that is about to be written, as filters may."""
    if _is_hidden():
        record.msg = _PATHS.sub(lambda found: f"{found['origin'] or ''}/...", record.getMessage())
        record.args = ()  # after which the text is written as it stands
    return True
