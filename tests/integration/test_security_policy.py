"""Each promise of SECURITY.md is held by tests, which are named here: a sentence that is new or changed has none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.support.source_tree import ROOT

AUTH: Final = "tests/property/test_no_secret_of_auth_in_text.py"
OAUTH: Final = "tests/property/test_no_secret_of_oauth_in_text.py"
TEXT: Final = "tests/property/test_no_token_in_text.py"
FRAMES: Final = "tests/integration/test_no_secret_in_frames.py"
STORES: Final = "tests/transports/tokens/test_stores.py"
FILES: Final = "tests/transports/test_private_files.py"
WEBHOOKS: Final = "tests/core/linkedin/test_webhooks.py"
RELEASE: Final = "tests/integration/test_release.py"
COMPLIANCE: Final = "transports/restli_transports/testing/compliance"

HELD: Final[dict[str, tuple[str, ...]]] = {
    # Secrets
    (
        "No access token, refresh token, client secret, authorization code or cookie stands in a `repr`, a log line or "
        "the text of an error."
    ): (
        f"{TEXT}::test_calls_and_requests",
        f"{TEXT}::test_answers_and_errors",
        f"{TEXT}::test_errors_of_transports",
        f"{OAUTH}::test_answers_and_errors",
        f"{OAUTH}::test_tokens",
        f"{OAUTH}::test_redirects",
        f"{AUTH}::test_auth_clients_and_sources",
        f"{AUTH}::test_stores",
        "tests/property/test_no_token_in_events.py::test_events_log_and_spans",
        "tests/core/test_messages.py::test_headers_show_no_secret",
    ),
    "The request inside an error carries no Authorization and no form body; an answer to a token call inside an error "
    "carries no body.": (
        f"{TEXT}::test_errors_of_transports",
        f"{OAUTH}::test_errors_have_no_body",
    ),
    "The library's own error in `error.__cause__` has its words and its request without these, too.": (
        f"{AUTH}::test_errors_of_the_libraries",
        f"{COMPLIANCE}/failures.py::test_a_server_that_repeats_what_it_was_sent_brings_no_secret_into_an_error",
    ),
    # Requests
    "Nothing that a caller gives as a key, parameter, header or body can end a request early or add a header to it.": (
        "tests/core/test_building.py::test_nothing_splits_a_request",
        "tests/core/test_building.py::test_no_path_splits_a_request",
        "tests/core/test_building.py::test_what_is_encoded_splits_no_request",
        "tests/core/test_building.py::test_headers_that_cannot_be_sent_are_refused",
        "tests/property/test_the_wire_is_what_the_call_says.py::test_for_calls_of_every_method",
        f"{COMPLIANCE}/requests_sent.py::test_headers_that_contradict_the_body_are_an_invalid_call",
    ),
    "What is not visible ASCII goes out escaped, or is refused before anything is sent.": (
        "tests/core/test_messages.py::test_urls_that_are_not_wholly_visible_ascii",
        "tests/core/test_building.py::test_headers_that_cannot_be_sent_are_refused",
    ),
    # Webhooks
    "A signature is compared in constant time, and nothing odd passes for one.": (
        f"{WEBHOOKS}::test_signatures_are_compared_in_constant_time",
        f"{WEBHOOKS}::test_an_odd_signature_is_not_right",
        "tests/property/test_only_its_signature_verifies_a_body.py::test_no_other_does",
    ),
    "The answer to a challenge is never the signature of a notification, whoever asks.": (
        f"{WEBHOOKS}::test_a_challenge_gives_nobody_a_signature",
        "tests/property/test_no_challenge_signs_a_notification.py::test_whatever_the_notification",
        "tests/property/test_no_challenge_signs_a_notification.py::test_whatever_the_code",
    ),
    # People's data
    "No error of a conversion event shows the address, name or id that it refuses.": (
        "tests/property/test_what_an_event_refuses_is_not_shown.py::test_for_any_arguments",
    ),
    # Origins
    "A client adds its token to requests for its own origin and to no other.": (
        "tests/transports/clients/test_flow.py::test_the_token_goes_to_the_clients_own_origin_alone",
        "tests/transports/clients/test_flow.py::test_the_token_of_a_source_goes_to_the_clients_own_origin_alone",
    ),
    "No transport follows a redirect.": (f"{COMPLIANCE}/answers_read.py::test_no_redirect_is_followed",),
    # TLS
    "is verified, name included, unless a session, pool or client of yours says otherwise.": (
        f"{COMPLIANCE}/certificates.py::test_an_untrusted_certificate",
        f"{COMPLIANCE}/certificates.py::test_a_certificate_of_another_host",
        "tests/transports/wire/test_tls.py::test_certificate_and_name_are_verified",
    ),
    # Answers
    "Whatever bytes a server sends, only the documented errors come out.": (
        "tests/property/test_parse_never_crashes.py::test_on_any_response",
        f"{COMPLIANCE}/raw_answers.py::test_what_is_not_http_or_may_be_read_in_two_ways_is_a_protocol_error",
        f"{COMPLIANCE}/failures.py::test_a_broken_exchange_is_a_protocol_error_and_is_not_repeated",
    ),
    "Answers are bounded in size (`max_body`), while they are unpacked too, and in time (`Timeout`); nothing recurses "
    "over them or grows quadratically.": (
        f"{COMPLIANCE}/size_limits.py::test_a_body_may_have_as_many_bytes_as_the_limit_and_no_more",
        f"{COMPLIANCE}/size_limits.py::test_a_bomb_is_not_unpacked",
        f"{COMPLIANCE}/time_limits.py::test_a_dripping_body_cannot_outlast_the_total",
        f"{COMPLIANCE}/time_limits.py::test_a_dripping_head_cannot_outlast_the_total",
        "tests/core/responses/test_rows.py::test_keys_may_be_as_deep_as_they_like",
        "tests/core/encoding/test_encoding.py::test_depth",
        "tests/core/encoding/test_encoding.py::test_many_items",
        "tests/transports/wire/test_early_answers.py::test_interim_answers_without_end_are_read_in_linear_time",
    ),
    # Files
    "A token file is readable by its owner alone, from its first byte on, and is replaced as a whole.": (
        f"{STORES}::test_the_file_is_its_owners_alone_from_the_first_byte",
        f"{STORES}::test_a_crash_in_the_middle_loses_nothing",
    ),
    "One that is a link, another's, or readable by others is refused, as far as the system tells (docs/auth.md).": (
        f"{STORES}::test_a_link_is_neither_followed_nor_replaced",
        f"{STORES}::test_a_file_that_others_could_read_is_not_read",
        f"{FILES}::test_what_is_refused_is_neither_waited_for_nor_read",
        f"{FILES}::test_where_the_system_has_less_all_is_imported_and_what_can_be_seen_is_refused",
    ),
    # Releases
    "What is on PyPI was built and checked by the workflow that docs/releasing.md describes, and has an attestation of "
    "that.": (f"{RELEASE}::test_what_is_published_was_built_and_checked_by_another_job",),
    "The same commit gives the same bytes.": (f"{RELEASE}::test_two_builds_that_differ_end_a_release",),
    "The wheel brings no other package along.": (f"{RELEASE}::test_the_wheel_brings_no_other_package_along",),
    # What it does not promise, but says
    "Calls, answers and tokens are values that hold their secrets, and so do their pickles.": (
        "tests/integration/test_authorization.py::test_a_call_with_one_shows_nothing_and_pickles",
    ),
    "An error takes along no local variables of this package's functions, and its causes say no secret.": (
        f"{FRAMES}::test_errors_of_all_transports",
        f"{FRAMES}::test_refusals",
        "tests/core/test_frames.py::test_an_error_leaves_the_values_behind_and_takes_the_lines_along",
        f"{AUTH}::test_errors_of_the_libraries",
    ),
    "Functions of yours and of libraries are on its way, too, and keep their variables for debuggers and reporters of "
    "errors to show.": ("tests/core/test_frames.py::test_functions_of_others_keep_theirs",),
}

ADVICE: Final = {
    "Unpickle only what you trust.",
    "`restli_transports.testing` is made to be tested against, not to face a network.",
    "A session, pool or client of yours keeps its own settings: docs/transports.md says what you then give up.",
}


def said() -> set[str]:
    """Return the sentences of the lists of what is promised and what is not."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("\n## What the project promises\n")[2]
    items = re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
    plain = (re.sub(r"^\*\*[^*]+\*\* ", "", " ".join(item.split())) for item in items)
    return {sentence for item in plain for sentence in re.split(r"(?<=\.) (?=[A-Z`])", item)}


def test_each_sentence_has_tests() -> None:
    assert said() == {*HELD} | ADVICE


@pytest.mark.parametrize("name", sorted({name for names in HELD.values() for name in names}))
def test_each_of_these_tests_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert re.search(rf"^ *(?:async )?def {function}\(", Path(ROOT, path).read_text(encoding="utf-8"), re.MULTILINE)
