"""Conversion events: what is made of what is known, and what is refused."""

from __future__ import annotations

import traceback
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pytest

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.calls import batch_create
from restli_core.flows.batching import batches
from restli_core.linkedin.conversions import MAX_AGE, MAX_EVENTS, event, hashed_email
from restli_core.urn import Urn

# `printf ada@example.com | sha256sum`
HASH = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
MOMENT = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
MILLIS = 1793527200000
RULE = "urn:lla:llaPartnerConversion:1040120"


def made(**keywords: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"external_id": "x", **keywords}
    return event(1040120, MOMENT, **given)


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["ada@example.com", " ada@example.com", "ada@example.com\n", "\tADA@Example.COM  ", "\u00a0Ada@example.com"],
)
def test_an_address_is_stripped_and_in_lower_case_before_it_is_hashed(text: str) -> None:
    assert hashed_email(text) == HASH


@pytest.mark.parametrize("text", ["a.da@example.com", "ada+li@example.com", "o'ada@example.com", "ada@example"])
def test_nothing_else_of_an_address_is_changed(text: str) -> None:
    assert hashed_email(text) != HASH


def test_an_address_in_another_alphabet_is_hashed_in_utf_8() -> None:
    # `printf ädä@example.com | sha256sum`
    assert hashed_email("ÄDÄ@example.com") == "2babc5cd2f400c3989ccf40f848c574c476492115b6fdd4fafb6dead4a2e0351"


NO_ADDRESSES: dict[str, Any] = {
    "nothing": "",
    "white space": " \n",
    "a name": "eve",
    "no local part": "@acme.test",
    "no domain": "eve@",
    "white space inside": "ada @acme.test",
    "two": "eve@acme.test,bob@acme.test",
    "two at signs": "eve@bob@acme.test",
    "a name and an address": "Ada <eve@acme.test>",
    "an address in brackets": "<eve@acme.test>",
    "quotes": '"eve@acme.test"',
    "a link": "mailto:eve@acme.test",
    "a link in capitals": "MAILTO:eve@acme.test",
    "a hash": HASH,
    "a hash in capitals": HASH.upper(),
    "a byte order mark": "\ufeffeve@acme.test",
    "a space of no width": "eve@acme.test\u200b",
    "a lone surrogate": "eve@acme.test\ud800",
    "bytes": b"eve@acme.test",
    "none": None,
}


@pytest.mark.parametrize("text", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_what_is_not_an_address_is_refused_without_being_shown(text: Any) -> None:
    with pytest.raises(InvalidCallError) as caught:
        hashed_email(text)
    assert caught.value.argument == "text"
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in shown.stack if "restli_core" in frame.filename]
    assert ours
    for secret in {str(text), str(text).strip(), "acme.test"} - {"", "None"}:
        assert secret not in f"{caught.value}{caught.value!r}"
        assert [frame for frame in ours if any(secret in value for value in (frame.locals or {}).values())] == []


def test_a_hash_says_where_it_belongs() -> None:
    with pytest.raises(InvalidCallError, match=r"^text: is a hash already.*: give it as sha256_email$"):
        hashed_email(HASH)
    with pytest.raises(InvalidCallError, match=r"^sha256_email: must be a SHA-256.* give the address itself as email$"):
        made(sha256_email="ada@example.com")


# -- an event ----------------------------------------------------------------------------------------------------------


def test_an_event_has_what_is_documented() -> None:
    assert event(
        RULE,
        1795739275000,
        sha256_email="b" * 64,
        li_fat_id="df5gf5-gh6t7-ph4j7h-fgf6n1",
        first_name="Ada",
        last_name="Acme",
        title="software engineer",
        company_name="Acme",
        country_code="US",
        amount="1500.0",
        currency="USD",
        event_id="abc12345",
    ) == {
        "conversion": "urn:lla:llaPartnerConversion:1040120",
        "conversionHappenedAt": 1795739275000,
        "conversionValue": {"currencyCode": "USD", "amount": "1500.0"},
        "user": {
            "userIds": [
                {"idType": "SHA256_EMAIL", "idValue": "b" * 64},
                {"idType": "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "idValue": "df5gf5-gh6t7-ph4j7h-fgf6n1"},
            ],
            "userInfo": {
                "firstName": "Ada",
                "lastName": "Acme",
                "title": "software engineer",
                "companyName": "Acme",
                "countryCode": "US",
            },
        },
        "eventId": "abc12345",
    }


def test_ids_are_there_even_where_there_are_none() -> None:
    assert event(1040120, MOMENT, first_name="Bo", last_name="Beta") == {
        "conversion": RULE,
        "conversionHappenedAt": MILLIS,
        "user": {"userIds": [], "userInfo": {"firstName": "Bo", "lastName": "Beta"}},
    }


def test_a_person_of_your_own_and_a_lead_are_taken() -> None:
    lead = "urn:li:leadGenFormResponse:7"
    user = event(1040120, MOMENT, external_id=4711, lead=Urn(lead))["user"]
    assert user == {"userIds": [], "externalIds": ["4711"], "lead": lead}
    assert type(user["lead"]) is str


@pytest.mark.parametrize(
    ("keyword", "value", "id_type", "id_value"),
    [
        ("email", " Ada@example.com", "SHA256_EMAIL", HASH),
        ("sha256_email", f" {HASH.upper()}", "SHA256_EMAIL", HASH),
        ("li_fat_id", " df5gf5\n", "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "df5gf5"),
        ("acxiom_id", "Xy1 ", "ACXIOM_ID", "Xy1"),
        ("ip_address", " 203.0.113.7 ", "PLAINTEXT_IP_ADDRESS", "203.0.113.7"),
        ("google_aid", "cdda802e-fb9c-47ad-9866-0794d394c912", "GOOGLE_AID", "cdda802e-fb9c-47ad-9866-0794d394c912"),
    ],
)
def test_an_id_is_given_by_its_keyword_or_by_its_type(keyword: str, value: str, id_type: str, id_value: str) -> None:
    expected = [{"idType": id_type, "idValue": id_value}]
    assert event(1040120, MOMENT, **{keyword: value})["user"] == {"userIds": expected}  # type: ignore[arg-type]
    assert event(1040120, MOMENT, user_ids={id_type: id_value})["user"] == {"userIds": expected}


def test_a_new_type_of_id_is_sent_with_a_warning() -> None:
    with pytest.warns(SuspiciousValueWarning, match=r"^user_ids\['PHONE'\]: LinkedIn is known to have only SHA256_EM"):
        assert made(user_ids={"PHONE": "7"})["user"]["userIds"] == [{"idType": "PHONE", "idValue": "7"}]


class Rule(str, Enum):  # noqa: UP042 - the `str` of a StrEnum is its text
    """Texts whose `str` is not what they say."""

    ORDER = "1040120"
    DEMO = RULE
    TYPE = "SHA256_EMAIL"


@pytest.mark.parametrize(
    "conversion",
    [1040120, "1040120", RULE, Urn(RULE), np.int64(1040120), Rule.ORDER, Rule.DEMO],
    ids=range(7),
)
def test_a_rule_is_its_number_or_its_urn(conversion: Any) -> None:
    assert event(conversion, MOMENT, email="ada@example.com")["conversion"] == RULE


@pytest.mark.parametrize("value", [1500, Decimal("1500.5"), "1500.50", 1500.5], ids=repr)
def test_an_amount_is_sent_as_text(value: Any) -> None:
    assert made(amount=value, currency="EUR")["conversionValue"] == {"currencyCode": "EUR", "amount": str(value)}


REFUSED: list[tuple[str, Any, str]] = [
    ("email", "ada", "must be one email address"),
    ("email", "", "is empty: give None where it is not known"),
    ("email", HASH, "is a hash already"),
    ("sha256_email", HASH[:-1], "must be a SHA-256 in hex, which has 64 digits"),
    ("sha256_email", "g" * 64, "must be a SHA-256 in hex, which has 64 digits"),
    ("li_fat_id", 7, "must be text, not int"),
    ("acxiom_id", " ", "is empty"),
    ("google_aid", "", "is empty"),
    ("ip_address", "2001:db8::7", "must be an address of IPv4, in plain text: LinkedIn takes no IPv6, so leave it out"),
    ("ip_address", "203.0.113.256", "must be an address of IPv4, in plain text: such as 203.0.113.7"),
    ("ip_address", "203.0.113.0/24", "must be an address of IPv4"),
    ("ip_address", HASH, "must be an address of IPv4"),
    ("user_ids", [("SHA256_EMAIL", HASH)], "must be a mapping of types to values"),
    ("user_ids", {HASH: "SHA256_EMAIL"}, "has a key that is not a type of id"),
    ("user_ids", {7: "SHA256_EMAIL"}, "has a key that is not a type of id"),
    ("user_ids", {HASH.upper(): "x"}, "has a key that is not a type of id"),
    ("user_ids", {"EVE7": "ACXIOM_ID"}, "has a key that is not a type of id"),
    ("user_ids['SHA256_EMAIL']", {"SHA256_EMAIL": "eve@example.com"}, "must be a SHA-256 in hex"),
    ("user_ids['PLAINTEXT_IP_ADDRESS']", {"PLAINTEXT_IP_ADDRESS": "::1"}, "must be an address of IPv4"),
    ("user_ids['ACXIOM_ID']", {"ACXIOM_ID": None}, "must be text, not NoneType"),
    ("first_name", "", "is empty"),
    ("title", 7, "must be text, not int"),
    ("company_name", b"Acme", "must be text, not bytes"),
    ("country_code", "us", "must be a code of ISO 3166, two capital letters"),
    ("country_code", "USA", "must be a code of ISO 3166, two capital letters"),
    ("external_id", "", "is empty"),
    ("external_id", True, "must be text, not bool"),
    ("external_id", ["x"], "must be text, not list"),
    ("event_id", 7.0, "must be text, not float"),
    ("lead", "7", "must be the URN of a lead"),
    ("lead", 7, "must be the URN of a lead"),
    ("lead", {"urn": 10**5000}, "must be the URN of a lead"),
    ("external_id", 10**5000, "is an int of more digits than Python converts to text"),
    ("event_id", -(10**5000), "is an int of more digits than Python converts to text"),
]


@pytest.mark.parametrize(("argument", "value", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_would_match_nobody_is_refused_without_being_shown(argument: str, value: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        made(**{argument.partition("[")[0]: value})
    assert caught.value.argument == argument
    assert caught.value.reason.startswith(reason)
    shown = f"{caught.value}{caught.value.__cause__}{caught.value.__context__}"
    assert not any(text in shown for text in (HASH, HASH.upper(), "eve@", "EVE7", "Acme", "2001:db8", "203.0.113.2"))


@pytest.mark.parametrize(
    "conversion",
    ["", "urn:li:llaPartnerConversion:7", "urn:lla:llaPartnerConversion:", "-7", "٣", -7, 7.0, True, None],
    ids=repr,
)
def test_what_is_not_a_rule_is_refused(conversion: Any) -> None:
    with pytest.raises(
        InvalidCallError, match=r"^conversion: must be the id of a conversion rule, or its URN: urn:lla"
    ):
        event(conversion, MOMENT, email="ada@example.com")


@pytest.mark.parametrize(
    ("keywords", "argument"),
    [
        ({"amount": 5}, "currency"),
        ({"currency": "USD"}, "amount"),
        ({"amount": 5, "currency": "usd"}, "currency"),
        ({"amount": "five", "currency": "USD"}, "amount"),
        ({"amount": True, "currency": "USD"}, "amount"),
    ],
)
def test_a_value_has_an_amount_and_a_currency(keywords: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        made(**keywords)
    assert caught.value.argument == argument


@pytest.mark.parametrize(("missing", "there"), [("last_name", "first_name"), ("first_name", "last_name")])
def test_one_name_of_two_is_warned_of(missing: str, there: str) -> None:
    with pytest.warns(SuspiciousValueWarning, match=f"^{missing}: is missing, and LinkedIn wants both names, or none$"):
        made(**{there: "Ada"})


@pytest.mark.parametrize("keywords", [{}, {"title": "engineer", "country_code": "US"}], ids=range(2))
def test_an_event_of_nobody_is_warned_of(keywords: dict[str, Any]) -> None:
    with pytest.warns(SuspiciousValueWarning, match=r"^event: nothing says whose it is.*give email, sha256_email"):
        assert event(7, MOMENT, **keywords)["user"]["userIds"] == []


def test_a_type_is_sent_as_plain_text() -> None:
    [sent] = made(user_ids={Rule.TYPE: HASH})["user"]["userIds"]
    assert sent == {"idType": "SHA256_EMAIL", "idValue": HASH}
    assert type(sent["idType"]) is str


def test_a_rule_of_too_many_digits_is_refused() -> None:
    with pytest.raises(InvalidCallError, match=r"^conversion: is an int of more digits than Python converts to text$"):
        event(10**5000, MOMENT, email="ada@example.com")


# -- when it happened --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (MOMENT.replace(tzinfo=None), "must have its time zone"),
        (date(2026, 11, 1), "must be a datetime with its time zone, not date"),
        ("2026-11-01T10:00:00Z", "must be a datetime with its time zone, not str"),
        (None, "must be a datetime with its time zone, not NoneType"),
        (True, "must be a datetime with its time zone, not bool"),
        (float(MILLIS), "must be a datetime with its time zone, not float"),
        (MILLIS // 1000, "must be milliseconds since 1970, or a datetime, and may be seconds: multiply by 1000"),
        (MILLIS * 1000, "must be milliseconds since 1970, or a datetime, and may be microseconds: divide by 1000"),
    ],
    ids=range(8),
)
def test_what_is_not_a_moment_is_refused(moment: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        event(7, moment, email="ada@example.com")
    assert caught.value.argument == "happened_at"
    assert caught.value.reason.startswith(reason)
    with pytest.raises(InvalidCallError) as caught:
        made(now=7.0 if moment is None else moment)
    assert caught.value.argument == "now"


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (MILLIS - 1, "is in the future, which LinkedIn refuses"),
        (MOMENT - timedelta(days=1), "is in the future, which LinkedIn refuses"),
        (MILLIS + MAX_AGE + 1, "is more than 90 days ago, which LinkedIn refuses"),
        (MOMENT + timedelta(days=91), "is more than 90 days ago, which LinkedIn refuses"),
    ],
    ids=range(4),
)
def test_what_linkedin_refuses_by_the_clock_is_refused_by_it(now: Any, reason: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        made(now=now)
    assert (caught.value.argument, caught.value.reason) == ("happened_at", reason)


@pytest.mark.parametrize("now", [None, MILLIS, MOMENT, MOMENT + timedelta(days=90)], ids=range(4))
def test_what_linkedin_takes_by_the_clock_is_taken(now: Any) -> None:
    assert made(now=now)["conversionHappenedAt"] == MILLIS


# -- many --------------------------------------------------------------------------------------------------------------


def test_events_go_five_thousand_in_a_call() -> None:
    events = [made(event_id=number) for number in range(MAX_EVENTS + 1)]
    sent = [*batches(batch_create, "/conversionEvents", events, size=MAX_EVENTS)]
    assert [call.request.body.count(b"eventId") for call in sent] == [MAX_EVENTS, 1]
