"""Upload videos made on the fly, while parts fail: ``python -m tests.deep.uploads --seed N --size N`` (megabytes).

Of the parts 10% fail: with a status, a reset, or an answer that is lost after the work was done. Over a blocking and an
asynchronous client, a video of that size, and one of twice the size that is not for posts, must come to the server bit
for bit, and the client's process must not grow by 64 MB. A third is killed (SIGKILL) at a random place: when it is run
again, no part is sent whose answer had come.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from tests.deep.arguments import parse
from tests.deep.faults import show
from tests.support.uploaded import Uploading, play

MAX_MEMORY = 64 * 1000**2
TRANSPORTS = ("urllib3", "httpx async")  # which the clients take by themselves


def main(arguments: list[str] | None = None) -> int:
    """Upload, print what came of it, and return 1 where anything went wrong."""
    seed, size = parse(__doc__, arguments, size=500)
    draw, is_wrong = random.Random(seed), False
    for transport in TRANSPORTS:
        for name, times, is_killed in (("whole", 1, False), ("not for posts", 2, False), ("killed", 1, True)):
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as directory:
                uploading = Uploading(
                    Path(directory), transport, times * size * 1000**2, seed, posts=times == 1, journal=is_killed
                )
                parts = -(-uploading.size // uploading.part_size)
                report = play(uploading, kill_after=draw.randrange(1, parts) if is_killed else None)
                sent = sum(part.tries for part in uploading.upload.parts)
            if report.memory > MAX_MEMORY:
                uploading.faults.append(f"it took more than {MAX_MEMORY / 1e6:.0f} MB")
            took = time.monotonic() - began
            what = f"{transport}, {name}: {uploading.size / 1e6:.0f} MB from seed {seed} in {took:.0f} s"
            print(f"{what}, {parts} parts sent {sent} times, {report.memory / 1e6:.1f} MB of memory", end=" ")
            print(f"and {len(uploading.faults)} faults")
            show(uploading.faults)
            is_wrong = is_wrong or bool(uploading.faults)
    return 1 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
