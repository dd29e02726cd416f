"""Tests of the SDK for ad accounts, without a network: a transport in memory answers as LinkedIn's server reads."""

from __future__ import annotations

import asyncio
from typing import assert_type

import pytest
from sdk_ad_accounts import AD_ACCOUNT, AdAccount, AdAccounts, AsyncAdAccounts

from restli_core import ForbiddenError, NotFoundError, Refusal, Urn
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import FakeAsyncTransport, FakeTransport
from restli_transports.testing.sample import sample_handlers

SUMMER = AdAccount("Summer", "EUR", Urn("urn:li:organization:5"))


def sdk(fake: FakeTransport) -> AdAccounts[AdAccount]:
    return AdAccounts(RestliClient(fake), AD_ACCOUNT)


def test_an_account_comes_back_as_it_was_made() -> None:
    accounts = sdk(FakeTransport(sample_handlers()))
    key = assert_type(accounts.create(SUMMER), int)
    found = assert_type(accounts.get(key), AdAccount)
    assert found == AdAccount("Summer", "EUR", Urn("urn:li:organization:5"), id=key)


def test_those_that_are_missing_are_left_out() -> None:
    accounts = sdk(FakeTransport(sample_handlers()))
    assert [*accounts.get_many([5001, 7, 5002])] == [5001, 5002]


def test_a_search_goes_through_all_pages() -> None:
    fake = FakeTransport(sample_handlers())
    calls = sdk(fake).calls
    found = RestliClient(fake).elements(calls.search("ACTIVE", page_size=8))
    assert len([account.name for account in found]) == 20
    assert len(fake.requests) == 3


def test_only_what_a_model_has_is_asked_for() -> None:
    fake = FakeTransport(sample_handlers())
    sdk(fake).get(5001)
    assert fake.invocations[-1].fields == dict.fromkeys(AD_ACCOUNT.fields, True)


def test_a_deleted_account_is_not_found() -> None:
    accounts = sdk(FakeTransport(sample_handlers()))
    accounts.delete(5001)
    with pytest.raises(NotFoundError):
        accounts.get(5001)


def test_an_error_of_the_server_comes_through() -> None:
    fake = FakeTransport(sample_handlers())
    fake.fail_next(Refusal(403, "No role"))
    with pytest.raises(ForbiddenError, match="No role"):
        sdk(fake).rename(5001, "Winter")


def test_both_clients_do_the_same() -> None:
    async def copied() -> AdAccount:
        async with AsyncRestliClient(FakeAsyncTransport(sample_handlers())) as client:
            return await AsyncAdAccounts(client, AD_ACCOUNT).copy(5001, "Winter")

    assert asyncio.run(copied()) == sdk(FakeTransport(sample_handlers())).copy(5001, "Winter")
