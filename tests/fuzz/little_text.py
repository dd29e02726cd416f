"""The target of little text: any text is read, and two readers make the same of it."""

from __future__ import annotations

from collections.abc import Iterable

from restli_core.linkedin.little_text import LittleText, join, parse, plain, suspicion, unescape
from tests.fuzz.codec import text_of
from tests.fuzz.target import Target
from tests.support import little_text_model

__all__ = ["TARGETS"]

WORDS = (
    *(
        "@[",
        "](",
        "urn:li:person:1",
        ")",
        "@(urn:li:organization:2)",
        "@[a](urn:li:x:\\_)",
        "{hashtag|",
        "{hashtag|\\#|a}",
    ),
    *(
        "{a|b|}",
        "|",
        "}",
        "#a",
        "\\",
        "\\\\",
        "\\#",
        "\\@",
        "\uff03",
        "\\\uff03",
        "\u093f",
        "\n",
        " ",
        "(a)",
        "[a]",
        "_",
    ),
)
MAX_MODEL = 300  # characters; the model is quadratic


def read(data: bytes) -> object:
    text = text_of(data)
    return join(*parse(text)), unescape(text), suspicion(text), suspicion(LittleText(text))


def check(data: bytes) -> None:
    text = text_of(data)
    parts = parse(text)
    if len(text) <= MAX_MODEL:
        assert [*parts] == little_text_model.read(text)
    written = join(*parts)
    assert parse(written) == parts
    assert plain(written) == plain(text)
    assert suspicion(written) is None
    assert parse(join(text)) == ((text,) if text else ())
    assert isinstance(suspicion(text), str | None)


def seeds() -> Iterable[bytes]:
    for one in WORDS:
        for other in WORDS:
            yield f"a {one}{other}a) b".encode()


TARGETS = {
    "little_text": Target(
        "any text is read, as a second reader reads it; written again it is read alike", read, check, WORDS, seeds
    )
}
