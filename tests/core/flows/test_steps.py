"""Steps: what they are made of, and what is refused."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import restli_core as restli
from restli_core import HttpRequest, InvalidCallError
from restli_core.flows import Item, Progress, Raw, Read, Size, Step, Together, Wait, step

CALL = restli.get("/me")
MADE: Any = SimpleNamespace(Raw=Raw, Wait=Wait, Together=Together, Read=Read, Size=Size)  # without their types
REQUEST = HttpRequest("PUT", "https://www.linkedin.com/dms-uploads/hidden", {}, b"bytes")


class PathInBytes:
    """A path as bytes, which a source is not."""

    def __fspath__(self) -> bytes:
        return b"cat.mp4"


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: MADE.Raw(CALL), "request"),
        (lambda: MADE.Raw(REQUEST, authorize=1), "authorize"),
        (lambda: MADE.Raw(REQUEST, kind="unsafe"), "kind"),
        (lambda: MADE.Raw(REQUEST, body=b"bytes"), "body"),
        (lambda: MADE.Raw(HttpRequest("PUT", REQUEST.url, {}, b"bytes"), body=Read(b"bytes", 0, 5)), "body"),
        (lambda: MADE.Wait(-1), "seconds"),
        (lambda: MADE.Wait(float("nan")), "seconds"),
        (lambda: MADE.Wait("1"), "seconds"),
        (lambda: MADE.Together(CALL), "calls"),
        (lambda: MADE.Together("ab"), "calls"),
        (lambda: MADE.Together([CALL, "/me"]), "calls[1]"),
        (lambda: MADE.Read(5, 0, 1), "source"),
        (lambda: MADE.Size(object()), "source"),
        (lambda: MADE.Size(StringIO("text")), "source"),
        (lambda: MADE.Size(PathInBytes()), "source"),
        (lambda: MADE.Size(SimpleNamespace(read=BytesIO().read, seek=BytesIO().seek)), "source"),  # and cannot tell
        (lambda: MADE.Read(b"", -1, 1), "start"),
        (lambda: MADE.Read(b"", 0, True), "size"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(make: Any, argument: str) -> None:
    with pytest.raises(InvalidCallError) as refused:
        make()
    assert refused.value.argument == argument


@pytest.mark.parametrize("source", [b"", "cat.mp4", Path("cat.mp4"), BytesIO()])
def test_bytes_paths_and_binary_files_are_read(source: Any) -> None:
    assert MADE.Read(source, 0, 4).source is source
    assert MADE.Size(source).source is source


@pytest.mark.parametrize(
    ("verb", "kind", "expected"),
    [
        ("GET", None, "safe"),
        ("head", None, "safe"),
        ("PUT", None, "idempotent"),
        ("DELETE", None, "idempotent"),
        ("POST", None, "never"),
        ("PUT", "safe", "safe"),
        ("GET", "never", "never"),
    ],
)
def test_a_raw_request_counts_as_its_verb_or_as_it_is_told(verb: str, kind: str | None, expected: str) -> None:
    assert Raw(HttpRequest(verb, REQUEST.url, {}), kind=kind).repeats_as == expected


def test_the_url_of_an_upload_is_not_shown() -> None:
    assert "hidden" not in repr(Raw(REQUEST))
    assert repr(Wait(2)) == "Wait(2)"


@pytest.mark.parametrize("one", [CALL, Raw(REQUEST), Wait(0), Together([]), Item(1), Progress(1, 2, "bytes")])
def test_a_step_is_yielded_and_its_result_returned(one: Any) -> None:
    flow = step(one)
    yielded: Step = next(flow)
    assert yielded is one
    with pytest.raises(StopIteration) as end:
        flow.send("result")
    assert end.value.value == "result"
