"""Conversion events: what happened elsewhere after somebody saw an ad, told to LinkedIn by the Conversions API.

keyword of `event`                                          in the entity

conversion                                                  conversion              urn:lla:llaPartnerConversion:{id}
happened_at                                                 conversionHappenedAt    milliseconds since 1970
amount, currency                                            conversionValue         {currencyCode, amount}, both texts
event_id                                                    eventId
email, sha256_email, li_fat_id, acxiom_id, ip_address,      user.userIds            [{idType, idValue}], and [] where
    google_aid, user_ids                                                            there is none
first_name, last_name, title, company_name, country_code    user.userInfo           plain texts
external_id                                                 user.externalIds        a list with one text
lead                                                        user.lead               the URN of a lead

LinkedIn checks little of it: an event that was made wrongly is accepted with a 201, and counts for nobody. So what
cannot be right is refused here. Ids and names are personal data; no error shows them.

Source: https://learn.microsoft.com/en-us/linkedin/marketing/conversions/conversions-api and the pages beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from ipaddress import AddressValueError, IPv4Address
from types import MappingProxyType
from typing import Any, Final

from restli_core.base_errors import InvalidCallError, SuspiciousValueWarning
from restli_core.callers import warn
from restli_core.frames import concealing
from restli_core.linkedin.dates import check_millis
from restli_core.linkedin.money import check_currency, write_amount
from restli_core.numbers import whole_number
from restli_core.urn import read_urn

__all__ = ["MAX_EVENTS", "event", "hashed_email"]

MAX_EVENTS: Final = 5000
"""The events of one call at most: ``client.send_rows(client.calls.batch_create, "/conversionEvents", events,
size=MAX_EVENTS)``."""

MAX_AGE: Final = 90 * 24 * 60 * 60 * 1000
"""The milliseconds for which an event is accepted after it happened: 90 days."""

_CONVERSION: Final = "urn:lla:llaPartnerConversion:"
_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")
_ADDRESS: Final = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_ID_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
# Before and after these, milliseconds since 1970 are of the years 2001 and 5138: they are seconds, or microseconds.
_FIRST_MILLIS: Final = 10**12
_LAST_MILLIS: Final = 10**14


@concealing
def hashed_email(text: str) -> str:
    """Return the hash by which LinkedIn knows an email address, for an id of the type SHA256_EMAIL.

    White space around the address is taken off, letters become lower case, and SHA-256 is written in lower-case hex.
    Nothing else is changed: dots and what follows a plus sign stay.

    >>> hashed_email(" Ada@Example.com ")
    'b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72'

    Args:
        text: the address, in plain text.

    Raises:
        InvalidCallError: it is not an address, but a hash already, several of them, or one with a name; or there is
            something in it that cannot be seen. Whatever it is would be hashed all the same, and match nobody. The
            error does not show it.
    """
    return _hashed("text", text)


def _hashed(argument: str, text: Any) -> str:
    address = _text(argument, text).strip()
    if _SHA256.fullmatch(address):
        raise InvalidCallError(argument, "is a hash already, and must be the address itself: give it as sha256_email")
    if not address.isprintable():  # such as a byte order mark, or a space of no width
        raise InvalidCallError(argument, "has a character that cannot be seen: take it out")
    if _ADDRESS.fullmatch(address) is None or address.lower().startswith("mailto:"):
        raise InvalidCallError(argument, "must be one email address and nothing else: ada@example.com")
    return hashlib.sha256(address.lower().encode()).hexdigest()


def _sha256(argument: str, value: Any) -> str:
    text = _text(argument, value).strip()
    if _SHA256.fullmatch(text) is None:
        cure = ": give the address itself as email" if "@" in text else ""
        raise InvalidCallError(argument, f"must be a SHA-256 in hex, which has 64 digits{cure}")
    return text.lower()


def _ip_address(argument: str, value: Any) -> str:
    text = _text(argument, value).strip()
    with suppress(AddressValueError):
        return str(IPv4Address(text))
    # Raised out here, since the error of the standard library shows the address.
    cure = "LinkedIn takes no IPv6, so leave it out" if ":" in text else "such as 203.0.113.7"
    raise InvalidCallError(argument, f"must be an address of IPv4, in plain text: {cure}")


def _text(argument: str, value: Any) -> str:
    """Return a text that says something; LinkedIn's answer to an empty one is not known."""
    if not isinstance(value, str):
        raise InvalidCallError(argument, f"must be text, not {type(value).__name__}")
    text = str.__str__(value)
    if not text.strip():
        raise InvalidCallError(argument, "is empty: give None where it is not known")
    return text


def _id(argument: str, value: Any) -> str:
    """Return an id without the white space around it, which files have, and with which it would match nobody."""
    return _text(argument, value).strip()


def _number_or_text(argument: str, value: Any) -> str:
    """Return the text of an id, which programs often have as a number."""
    number = whole_number(value)
    return _text(argument, value) if number is None else _digits(argument, number)


def _digits(argument: str, number: int) -> str:
    try:
        return str(number)
    except ValueError:
        raise InvalidCallError(argument, "is an int of more digits than Python converts to text") from None


def _country(argument: str, value: Any) -> str:
    text = _text(argument, value)
    if _COUNTRY.fullmatch(text) is None:
        raise InvalidCallError(argument, "must be a code of ISO 3166, two capital letters, such as 'US'")
    return text


def _lead(argument: str, value: Any) -> str:
    urn = read_urn(value)
    if urn is None:
        raise InvalidCallError(argument, "must be the URN of a lead: urn:li:leadGenFormResponse:...")
    return str(urn)


_Check = Callable[[str, Any], str]

# The ids by their keywords: each type of id, and what makes the value of what is given.
_IDS: Final[Mapping[str, tuple[str, _Check]]] = MappingProxyType(
    {
        "email": ("SHA256_EMAIL", _hashed),
        "sha256_email": ("SHA256_EMAIL", _sha256),
        "li_fat_id": ("LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", _id),
        "acxiom_id": ("ACXIOM_ID", _id),
        "ip_address": ("PLAINTEXT_IP_ADDRESS", _ip_address),
        "google_aid": ("GOOGLE_AID", _id),
    }
)
# The same by the types, for `user_ids`: there the hash of an address is given, as it is sent.
_TYPES: Final[Mapping[str, _Check]] = MappingProxyType(dict(_IDS.values()))
_INFO: Final[Mapping[str, tuple[str, _Check]]] = MappingProxyType(
    {
        "first_name": ("firstName", _text),
        "last_name": ("lastName", _text),
        "title": ("title", _text),
        "company_name": ("companyName", _text),
        "country_code": ("countryCode", _country),
    }
)


@concealing
def event(
    conversion: str | int,
    happened_at: datetime | int,
    *,
    email: str | None = None,
    sha256_email: str | None = None,
    li_fat_id: str | None = None,
    acxiom_id: str | None = None,
    ip_address: str | None = None,
    google_aid: str | None = None,
    user_ids: Mapping[str, str] | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    title: str | None = None,
    company_name: str | None = None,
    country_code: str | None = None,
    external_id: str | int | None = None,
    lead: str | None = None,
    amount: Decimal | float | str | None = None,
    currency: str | None = None,
    event_id: str | int | None = None,
    now: datetime | int | None = None,
) -> dict[str, Any]:
    """Return a conversion event: the entity for ``create("/conversionEvents", ...)``, or one of `batch_create`.

    What is None is left out; an empty text is refused.

    Args:
        conversion: the conversion rule: its id, or its URN, ``urn:lla:llaPartnerConversion:{id}``.
        happened_at: when it happened: a datetime with its time zone, or milliseconds since 1970.
        email: whose it is, by an email address, which is hashed as `hashed_email` does it.
        sha256_email: likewise, by a hash that was made before.
        li_fat_id: likewise, by LinkedIn's click id: the cookie or parameter ``li_fat_id``.
        acxiom_id: likewise, by an id of Acxiom's.
        ip_address: likewise, by an address of IPv4, in plain text.
        google_aid: likewise, by an advertising id of Android; LinkedIn takes it since its version 202605.
        user_ids: likewise, by the types that LinkedIn has, such as ``{"SHA256_EMAIL": hash}``: values as they are sent.
        first_name: the first name, in plain text. LinkedIn wants both names, or none.
        last_name: the last name.
        title: the job title.
        company_name: the employer.
        country_code: the country by ISO 3166: two capital letters.
        external_id: an id of your own for that person.
        lead: the URN of the lead that became this conversion.
        amount: what the conversion is worth, in units of the currency, as for `money.amount`; with a currency.
        currency: the code of the currency, three capital letters.
        event_id: your id of this event. Where the Insight Tag sends the same one, only the tag's event counts.
        now: the moment at which it is sent, if you want what LinkedIn refuses refused here: an event of the future, or
            older than 90 days. For one of these it refuses the whole batch.

    Raises:
        InvalidCallError: one of them is not that; the error names the argument, and does not show its value.
    """
    ids = {
        "email": email,
        "sha256_email": sha256_email,
        "li_fat_id": li_fat_id,
        "acxiom_id": acxiom_id,
        "ip_address": ip_address,
        "google_aid": google_aid,
    }
    names = {
        "first_name": first_name,
        "last_name": last_name,
        "title": title,
        "company_name": company_name,
        "country_code": country_code,
    }
    made: dict[str, Any] = {
        "conversion": _conversion(conversion),
        "conversionHappenedAt": _happened_at(happened_at, now),
    }
    if amount is not None or currency is not None:
        made["conversionValue"] = _value(amount, currency)
    user: dict[str, Any] = {
        "userIds": [
            *({"idType": id_type, "idValue": value} for id_type, value in _filled(ids, _IDS)),
            *_further_ids(user_ids),
        ]
    }
    info = dict(_filled(names, _INFO))
    if info:
        user["userInfo"] = info
    if external_id is not None:
        user["externalIds"] = [_number_or_text("external_id", external_id)]
    if lead is not None:
        user["lead"] = _lead("lead", lead)
    _warn_of_user(user)
    made["user"] = user
    if event_id is not None:
        made["eventId"] = _number_or_text("event_id", event_id)
    return made


def _filled(given: Mapping[str, Any], table: Mapping[str, tuple[str, _Check]]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a table's keywords that are given."""
    for keyword, value in given.items():
        if value is not None:
            name, check = table[keyword]
            yield name, check(keyword, value)


def _further_ids(user_ids: Any) -> Iterator[dict[str, str]]:
    """Yield the ids that are given by their types."""
    if not isinstance(user_ids, Mapping | None):
        raise InvalidCallError("user_ids", 'must be a mapping of types to values, such as {"SHA256_EMAIL": hash}')
    for given, value in (user_ids or {}).items():
        id_type = str.__str__(given) if isinstance(given, str) else ""
        # Where types and values are swapped, the key is personal data, and may be in capitals as types are.
        is_swapped = (isinstance(value, str) and value in _TYPES) or _SHA256.fullmatch(id_type) is not None
        if is_swapped or _ID_TYPE.fullmatch(id_type) is None:
            raise InvalidCallError("user_ids", f"has a key that is not a type of id, such as {', '.join(_TYPES)}")
        place = f"user_ids[{id_type!r}]"
        if id_type not in _TYPES:
            warn(f"{place}: LinkedIn is known to have only {', '.join(_TYPES)}", SuspiciousValueWarning)
        yield {"idType": id_type, "idValue": _TYPES.get(id_type, _text)(place, value)}


def _conversion(given: Any) -> str:
    number = whole_number(given)
    text = _digits("conversion", number) if number is not None else given
    if isinstance(text, str):
        text = str.__str__(text)
        if text.isascii() and text.isdigit():
            return f"{_CONVERSION}{text}"
        if text.startswith(_CONVERSION) and len(text) > len(_CONVERSION):
            return text
    raise InvalidCallError("conversion", f"must be the id of a conversion rule, or its URN: {_CONVERSION}{{id}}")


def _happened_at(given: Any, now: Any) -> int:
    """Return when it happened, in milliseconds."""
    moment = _moment("happened_at", given)
    if now is None:
        return moment
    age = _moment("now", now) - moment
    if age < 0:
        raise InvalidCallError("happened_at", "is in the future, which LinkedIn refuses")
    if age > MAX_AGE:
        raise InvalidCallError("happened_at", "is more than 90 days ago, which LinkedIn refuses")
    return moment


def _moment(argument: str, given: Any) -> int:
    number = whole_number(given)
    if number is None:
        return check_millis(argument, given)
    if not _FIRST_MILLIS <= number < _LAST_MILLIS:
        unit = "seconds: multiply by 1000" if number < _FIRST_MILLIS else "microseconds: divide by 1000"
        raise InvalidCallError(argument, f"must be milliseconds since 1970, or a datetime, and may be {unit}")
    return number


def _value(amount: Any, currency: Any) -> dict[str, str]:
    for argument, other, one in (("amount", "currency", amount), ("currency", "amount", currency)):
        if one is None:
            raise InvalidCallError(argument, f"is missing: it goes with {other}")
    return {"currencyCode": check_currency("currency", currency), "amount": write_amount("amount", amount)}


def _warn_of_user(user: Mapping[str, Any]) -> None:
    """Warn where LinkedIn will not know whose the event is."""
    info = user.get("userInfo", {})
    if ("firstName" in info) != ("lastName" in info):
        missing = "last_name" if "firstName" in info else "first_name"
        warn(f"{missing}: is missing, and LinkedIn wants both names, or none", SuspiciousValueWarning)
    elif not user["userIds"] and len(user) == 1 + bool(info) and "firstName" not in info:
        keywords = ", ".join([*_IDS, "both names", "external_id", "lead"])
        warn(f"event: nothing says whose it is, so it counts for nobody: give {keywords}", SuspiciousValueWarning)
