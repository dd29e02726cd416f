"""Commands for what is LinkedIn's own: the versions of its API, and the webhooks that it sends."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from restli_core.command_line.command import Command, Parser
from restli_core.command_line.outputs import json_text
from restli_core.command_line.usage import UsageError, with_options

if TYPE_CHECKING:
    from argparse import Namespace

    from restli_core.command_line.console import Console

__all__ = ["VERIFY_WEBHOOK", "VERSIONS"]

SECRET: Final = "LINKEDIN_CLIENT_SECRET"


def _add_versions(parser: Parser) -> None:
    parser.add_argument("version", nargs="?", metavar="YYYYMM", help="one version; by default all that are known")
    parser.add_argument(
        "--on", type=_day, metavar="DATE", help="the day that is meant, as YYYY-MM-DD; by default today"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("--on: must be a day, as YYYY-MM-DD") from None


def _versions(options: Namespace, console: Console) -> int:
    from restli_core.linkedin.versions import ends, known_versions, newest_on, sunset_notice

    day = options.on or console.today()
    if options.version is not None:
        notice = sunset_notice(options.version, day)
        console.write(with_options(notice or f"version {options.version} ends on {ends(options.version)}"))
        return 1 if ends(options.version) <= day else 0
    newest = newest_on(day)
    for version in known_versions():
        end = ends(version)
        has_ended = end <= day
        state = "  newest" if version == newest and not has_ended else ""
        console.write(f"{version}  {'ended' if has_ended else 'ends'} on {end}{state}")
    return 0


VERSIONS: Final = Command(
    "versions",
    "Show the versions of LinkedIn's marketing APIs, and when each ends.",
    "What LinkedIn has added since this release is not known here. Status 1: the version that was asked for has ended.",
    ("{prog} versions", "{prog} versions 202609", "{prog} versions 202609 --on 2027-01-01"),
    _add_versions,
    _versions,
)


def _add_verify(parser: Parser) -> None:
    parser.add_argument("body", nargs="?", default="-", metavar="@FILE", help="the body; - or nothing: standard input")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--signature", metavar="HEX", help="what the header X-LI-Signature has")
    what.add_argument("--challenge", metavar="CODE", help="answer this challengeCode, in place of verifying anything")
    parser.add_argument("--bare-body", action="store_true", help="the signature is that of the body, without a prefix")


def _verify(options: Namespace, console: Console) -> int:
    from restli_core.linkedin.webhooks import challenge_answer, verify

    secret = console.environ.get(SECRET)
    if not secret:
        raise UsageError(f"the application's client secret is missing: set the variable {SECRET}")
    if options.challenge is not None:
        console.write(json_text(challenge_answer(options.challenge, secret), console))
        return 0
    body = console.content(options.body, "the body")
    if verify(body, options.signature, secret, options.bare_body):
        console.write("the signature is that of the body")
        return 0
    console.write(
        "the signature is NOT that of the body: take its bytes as they came, and the secret of this application"
    )
    return 1


VERIFY_WEBHOOK: Final = Command(
    "verify-webhook",
    "Check the signature of a notification that LinkedIn has sent, or answer its challenge.",
    f"The application's client secret comes from {SECRET}. Status 1: the signature is wrong.",
    (
        "{prog} verify-webhook --challenge 890e4665-4dfe-4ab1-b689-ed553bceeed0",
        "{prog} verify-webhook @body.json --signature hmacsha256=0123456789abcdef",
    ),
    _add_verify,
    _verify,
)
