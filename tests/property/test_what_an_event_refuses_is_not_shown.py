"""A conversion event is made, or refused without a word of what was given: it is personal data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core.base_errors import InvalidCallError
from restli_core.linkedin.conversions import event

KEYWORDS = (
    *("email", "sha256_email", "li_fat_id", "acxiom_id", "ip_address", "google_aid", "first_name", "last_name"),
    *("title", "company_name", "country_code", "external_id", "lead", "event_id"),
)
MARK = "Q7zQ"
marked = st.text(max_size=5).map(f"{{}}{MARK}".format)
texts = st.builds("{}{}{}".format, st.sampled_from(["", "@", "urn:li:lead:", " "]), marked, st.sampled_from(["", "@x"]))
values = st.none() | texts | texts.map(str.encode) | st.lists(texts, max_size=1) | st.integers() | st.floats()


@pytest.mark.filterwarnings("error")
@given(
    given=st.dictionaries(st.sampled_from(KEYWORDS), values, max_size=3),
    user_ids=st.none() | st.dictionaries(texts, texts, max_size=1),
)
def test_for_any_arguments(given: dict[str, Any], user_ids: dict[str, str] | None) -> None:
    try:
        made = event(7, 1795739275000, user_ids=user_ids, **given)
    except InvalidCallError as error:
        assert MARK not in f"{error}{error!r}{error.args}"
        assert error.argument in {*given, "user_ids"}
    except UserWarning as warning:
        assert MARK not in str(warning)
    else:
        assert json.loads(json.dumps(made)) == made
        assert all({*map(type, one.values())} == {str} for one in made["user"]["userIds"])
