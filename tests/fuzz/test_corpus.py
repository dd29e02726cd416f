"""All that is kept of the fuzz targets holds to their laws: the inputs that reach the most, and what was found."""

from __future__ import annotations

import pytest

from tests.fuzz.corpora import CORPUS, kept
from tests.fuzz.target import attempt
from tests.fuzz.targets import TARGETS

# No law is about the values that calls warn of.
pytestmark = pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")

FOUND = [(name, index) for name in TARGETS for index in range(len(kept(name).found))]


def test_something_is_kept_of_each_target() -> None:
    assert {path.stem for path in CORPUS.glob("*.json")} == {*TARGETS}
    assert [name for name in TARGETS if len(kept(name).corpus) < 10] == []
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) < 300_000


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus(name: str) -> None:
    target = TARGETS[name]
    for data in kept(name).corpus:
        attempt(target, data)


@pytest.mark.parametrize(("name", "index"), FOUND)
def test_what_was_found(name: str, index: int) -> None:
    data, _ = kept(name).found[index]
    attempt(TARGETS[name], data)
