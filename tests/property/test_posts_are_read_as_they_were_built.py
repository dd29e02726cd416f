"""A post that was built arrives at a server as it was built, and its commentary is read as the parts that it has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restli_core import Urn, create
from restli_core.linkedin import posts
from restli_core.linkedin.little_text import Part, parse
from restli_core.server import read
from restli_transports.testing.strategies import little_text_parts, texts
from tests.support.little_text_model import merged

# Texts of every kind, some of which look like mistakes.
pytestmark = pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")

AUTHORS = st.sampled_from([Urn("urn:li:person:Ab1-cD_2e"), Urn("urn:li:organization:2414183")])
IMAGES = st.integers(0).map(lambda number: f"urn:li:image:{number}")
FILLED = texts().filter(str.strip)

CONTENTS: st.SearchStrategy[tuple[Any, dict[str, Any]]] = st.one_of(
    st.fixed_dictionaries({"image": IMAGES}, optional={"alt_text": texts(), "title": texts()}).map(
        lambda own: (posts.image, own)
    ),
    st.lists(IMAGES | st.tuples(IMAGES, texts()), min_size=2, max_size=20).map(
        lambda images: (posts.images, {"images": images})
    ),
    st.fixed_dictionaries({"document": st.just("urn:li:document:1"), "title": FILLED}).map(
        lambda own: (posts.document, own)
    ),
    st.fixed_dictionaries(
        {"source": st.just("https://example.com/a?b=c#d"), "title": FILLED}, optional={"description": texts()}
    ).map(lambda own: (posts.article, own)),
    st.fixed_dictionaries({"question": FILLED, "options": st.lists(FILLED, min_size=2, max_size=4)}).map(
        lambda own: (posts.poll, own)
    ),
    st.fixed_dictionaries({"parent": st.sampled_from(["urn:li:share:1", "urn:li:ugcPost:1"])}).map(
        lambda own: (posts.reshare, own)
    ),
)


@given(AUTHORS, little_text_parts(), CONTENTS)
def test_posts(author: Urn, parts: list[Part], content: tuple[Any, dict[str, Any]]) -> None:
    make, own = content
    entity = make(author, parts, **own)
    assert read(create("/posts", entity).request).entity == entity
    assert [*parse(entity["commentary"])] == merged(parts)
