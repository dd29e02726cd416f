"""Compliance: what every transport must do, as suites of tests, for transports of one's own too.

    from restli_transports.testing.compliance import TransportCompliance

    class TestMine(TransportCompliance):
        def transport(self, **options):
            return MyTransport(**options)

Each test opens a transport, of either kind, has it talk to a server on loopback, and looks at the bytes that the server
received and at what came back. The suites build on one another:

    GivenCompliance           over a pool, session or client of the user's own, whose settings stay as they are
    ExactCompliance           also keeps any target to the letter, and reads any redirect as an answer
    TransportCompliance       also makes its connections by itself: trusts whom the environment names, closes them
    AsyncTransportCompliance  also can be cancelled, and carries a thousand calls at once

and each is composed of subjects, which have a module each:

    requests_sent       targets, headers, methods and bodies arrive as they are described
    answers_read        statuses, redirects, headers and bodies are read as they are
    raw_answers         the same bytes are read alike, or refused: heads that are cut, lengths, chunks
    size_limits         how many bytes a body may have, coded or not
    time_limits         for connecting, for a wait, for the whole
    failures            what is a ConnectError and what a ProtocolError, and that nothing is sent twice
    early_answers       answers that come before a large request is sent
    connection_reuse    which connections are used again
    certificates        whom TLS trusts
    client_calls        clients over the transport, alone and many at once
    cancellation        calls that are given up

A promise that a transport does not make is taken back by name, in its class: ``test_a_bomb_is_not_unpacked = None``.
The text of an error must say what passed or broke, as those of `restli_transports.wire.Exchange.error` do. The suites
need the extra ``testing``. For pytest to explain what failed, a conftest.py has
``pytest.register_assert_rewrite("restli_transports.testing.compliance")``.
"""

from __future__ import annotations

try:
    import anyio
    import pytest
    import trustme
except ImportError as _error:
    raise ImportError('the suite needs pytest, anyio and trustme: pip install "restli-core[testing]"') from _error
else:
    del anyio, pytest, trustme  # the modules below import what they use

from restli_transports.testing.compliance.answers_read import ExactAnswers, GivenAnswers
from restli_transports.testing.compliance.cancellation import AsyncCancellation
from restli_transports.testing.compliance.certificates import GivenCertificates, OwnCertificates
from restli_transports.testing.compliance.client_calls import AsyncCalls, GivenCalls
from restli_transports.testing.compliance.connection_reuse import GivenConnections, OwnConnections
from restli_transports.testing.compliance.early_answers import ExactEarlyAnswers, GivenEarlyAnswers, OwnEarlyAnswers
from restli_transports.testing.compliance.failures import GivenFailures
from restli_transports.testing.compliance.raw_answers import GivenRawAnswers, OwnRawAnswers
from restli_transports.testing.compliance.requests_sent import ExactRequests, GivenRequests, OwnRequests
from restli_transports.testing.compliance.senders import Sender, sending
from restli_transports.testing.compliance.size_limits import GivenSizeLimits
from restli_transports.testing.compliance.time_limits import GivenTimeLimits, OwnTimeLimits

__all__ = ["AsyncTransportCompliance", "ExactCompliance", "GivenCompliance", "Sender", "TransportCompliance", "sending"]


class GivenCompliance(
    GivenRequests,
    GivenAnswers,
    GivenRawAnswers,
    GivenSizeLimits,
    GivenTimeLimits,
    GivenFailures,
    GivenEarlyAnswers,
    GivenConnections,
    GivenCertificates,
    GivenCalls,
):
    """What every transport must do."""


class ExactCompliance(ExactRequests, ExactAnswers, ExactEarlyAnswers, GivenCompliance):
    """What a transport must do whose connections are not a library's plain ones."""


class TransportCompliance(
    OwnRequests,
    OwnRawAnswers,
    OwnTimeLimits,
    OwnEarlyAnswers,
    OwnConnections,
    OwnCertificates,
    ExactCompliance,
):
    """What a transport must do that makes its connections by itself."""


class AsyncTransportCompliance(AsyncCalls, AsyncCancellation, TransportCompliance):
    """What an asynchronous transport must do beyond that."""
