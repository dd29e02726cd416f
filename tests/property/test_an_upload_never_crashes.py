"""Whatever a server answers to an upload: it ends, with a URN or with an error that is documented and has no secret."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from restli_core import (
    Call,
    Calls,
    HttpResponse,
    InvalidResponseError,
    PollTimeoutError,
    RestliError,
    ServiceError,
    Urn,
)
from restli_core.flows import Progress, Raw, Read, Size, Wait, run
from restli_core.linkedin import uploads
from restli_core.linkedin.uploads import ProcessingFailedError
from tests.support.made_files import PDF, SRT, jpeg, mp4, png

CALLS = Calls(version_string="202609")
OWNER = "urn:li:organization:5"
SIZE = 75_001
FILES = {"image": jpeg(), "document": PDF, "video": mp4(SIZE), "asset": png()}
SECRET = "s3cret-signature"
URL = f"https://www.linkedin.com/dms-uploads/{SECRET}"

ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just([])
)


def mostly(*values: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of these, and now and then of something else."""
    return st.sampled_from([*values] * 3 + [None, True, -1, 1.5, "", [], {}, 10**40])


URLS = mostly(URL, f"{URL}?a=b", "http://h/", "https://h:1/a%253D")
PARTS = st.one_of(
    st.just([{"uploadUrl": URL, "firstByte": 0, "lastByte": SIZE - 1}]),
    st.lists(
        st.fixed_dictionaries(
            {"uploadUrl": URLS, "firstByte": mostly(0, 40_000), "lastByte": mostly(39_999, SIZE - 1, SIZE)}
        ),
        max_size=3,
    ),
    ODD,
)
REQUESTS = st.fixed_dictionaries({"uploadUrl": URLS}, optional={"headers": mostly({"a": "b"}, {"a b": "c"}, {"a": 1})})
VALUES = st.one_of(
    st.fixed_dictionaries(
        {
            "image": mostly("urn:li:image:1"),
            "document": mostly("urn:li:document:1"),
            "video": mostly("urn:li:video:1"),
            "asset": mostly("urn:li:digitalmediaAsset:1"),
            "uploadUrl": URLS,
            "uploadInstructions": PARTS,
            "captionsUploadUrl": URLS,
            "thumbnailUploadUrl": URLS,
            "uploadMechanism": st.one_of(
                st.fixed_dictionaries({"com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest": REQUESTS}), ODD
            ),
        },
        optional={"uploadToken": mostly("", "t"), "uploadUrlExpiresAt": mostly(1_800_000_000_000, 0, 10**30)},
    ),
    ODD,
)
STARTS = VALUES.map(lambda value: json.dumps({"value": value}).encode())
STATUSES = mostly("WAITING_UPLOAD", "PROCESSING", "AVAILABLE", "PROCESSING_FAILED", "SERVER_ERROR")
ENTITIES = st.one_of(
    st.fixed_dictionaries({"status": STATUSES, "processingFailureReason": mostly("dark")}),
    st.fixed_dictionaries({"recipes": st.lists(st.fixed_dictionaries({"status": STATUSES}), max_size=2)}),
    ODD,
).map(lambda entity: json.dumps(entity).encode())
CODES = st.sampled_from([200, 200, 200, 200, 201, 302, 403, 408, 410, 503])
BODIES = st.sampled_from([b"", b"<html>", json.dumps({"message": f"not to {URL}", "code": URL}).encode()])
HEADERS = st.fixed_dictionaries(
    {"ETag": st.sampled_from(['"a"', "a", 'W/"a"', "", '"'])},
    optional={"Date": st.sampled_from(["Sat, 16 Jan 2027 00:00:00 GMT", "now"]), "Location": st.just(URL)},
)
MOST_STEPS = 400


@given(
    st.sampled_from([*FILES]),
    st.lists(STARTS, min_size=1, max_size=2),
    st.lists(ENTITIES, min_size=1, max_size=3),
    st.lists(st.tuples(CODES, HEADERS, BODIES), min_size=1, max_size=4),
)
def test_it_ends_as_documented(
    kind: str, starts: list[bytes], entities: list[bytes], others: list[tuple[int, dict[str, str], bytes]]
) -> None:
    steps = 0

    def perform(step: Any) -> Any:
        nonlocal steps
        steps += 1
        assert steps < MOST_STEPS
        status, headers, body = others[steps % len(others)]
        if isinstance(step, Raw):
            return HttpResponse(status, headers, body, step.request.url)
        if isinstance(step, Call):
            answers = entities if step.method == "get" else starts
            if status < 300:
                status, body = 200, answers[steps % len(answers)]
            return step.parse(HttpResponse(status, headers, body))
        if isinstance(step, Size):
            return len(FILES[kind]) if step.source is FILES[kind] else len(SRT)
        if isinstance(step, Read):
            assert isinstance(step.source, bytes)
            return step.source[step.start : step.start + step.size]
        assert isinstance(step, Wait | Progress)
        return None

    more: dict[str, Any] = {"captions": SRT} if kind == "video" else {}
    flow = getattr(uploads, kind)(CALLS, OWNER, FILES[kind], within=30, **more)
    try:
        urn = run(flow, perform)
    except RestliError as error:
        documented = InvalidResponseError | ServiceError | PollTimeoutError | ProcessingFailedError
        assert isinstance(error, documented)
        if "PUT" in str(error):  # what the API itself says of a URL is its own
            assert SECRET not in str(error) + repr(error)
        return
    assert isinstance(urn, Urn)
