"""However a video is cut, and whenever its upload is killed: it arrives whole, and what was noted comes once."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from restli_core import HttpRequest, HttpResponse
from restli_core.linkedin import uploads
from restli_transports import RestliClient
from tests.support.made_files import mp4
from tests.support.media_servers import Killed, MediaServer, MediaTransport
from tests.support.profiles import examples

SIZE = 75_010
VIDEO = mp4(SIZE)
CUTS = st.lists(st.integers(1, SIZE - 1), unique=True, max_size=6).map(sorted)
KILLS = st.lists(st.tuples(st.integers(0, 8), st.booleans()), max_size=4)


class Cutting(MediaServer):
    """A server that asks for any parts in any order, and kills whoever asks it for the n-th time."""

    def __init__(self, ranges: list[tuple[int, int]], kills: list[tuple[int, bool]]) -> None:
        super().__init__()
        self._ranges = ranges
        self.kills = kills
        self.count = 0

    def _of_video(self, given: dict[str, Any]) -> dict[str, Any]:
        parts = [
            {"uploadUrl": self._url(f"put+{first}"), "firstByte": first, "lastByte": last}
            for first, last in self._ranges
        ]
        return {"uploadInstructions": parts}

    def _get(self, request: HttpRequest, _name: str) -> HttpResponse:
        status = "PROCESSING" if self.finalized else "WAITING_UPLOAD"
        return HttpResponse(200, {}, json.dumps({"status": status}).encode())

    def respond(self, request: HttpRequest) -> HttpResponse:
        number, self.count = self.count, self.count + 1
        is_last = bool(self.kills) and number == self.kills[0][0]
        answer = super().respond(request) if not is_last or self.kills[0][1] else None
        if answer is None or is_last:
            del self.kills[0]
            raise Killed
        return answer


@examples(40, quick=20)
@given(CUTS, st.randoms(use_true_random=False), KILLS)
def test_it_arrives_whole(cuts: list[int], random: Any, kills: list[tuple[int, bool]]) -> None:
    ends = [*cuts, SIZE]
    ranges = [(first, end - 1) for first, end in zip([0, *cuts], ends, strict=True)]
    shuffled = random.sample(ranges, len(ranges))
    server = Cutting(shuffled, kills.copy())
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(len(kills) + 1):
            server.count = 0
            client = RestliClient(MediaTransport(server), access_token="a-token", version_string="202609")
            flow = uploads.video(client.calls, "urn:li:organization:5", VIDEO, wait=None)
            try:
                urn = client.run(flow, journal=Path(directory, "upload.jsonl"))
            except Killed:
                continue
            break
        else:
            raise AssertionError("it was killed more often than planned")
    names = [f"put {first}" for first, _ in ranges]
    assert b"".join([server.stored[name] for name in names]) == VIDEO
    last = server.finalized[-1]
    assert last["uploadedPartIds"] == [f"e{first}" for first, _ in ranges]
    assert last["video"] == urn
    # What comes twice was on its way when the program was killed, as often as it was.
    assert sum([server.requests.count(name) - 1 for name in names]) <= len(kills)
    assert json.dumps(last).count("s3cret") == 0
