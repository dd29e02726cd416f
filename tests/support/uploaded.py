"""Uploads of a video made on the fly, in a process of its own: its memory is measured, and it may be killed.

The server is in this process, and says what came; the client is in another: ``python -m tests.support.uploaded JSON``.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from restli_core import RetryPolicy, Urn
from restli_core.flows import Flow
from restli_core.linkedin import uploads
from restli_transports import AsyncRestliClient, RestliClient
from restli_transports.testing import Faults, MediaUploads, RestliServer, Upload, UploadPart
from tests.support.chaos import AWAITED, BLOCKING

__all__ = ["KINDS", "OWNER", "Generated", "Report", "Uploading", "generated_sha256"]

ROOT: Final = Path(__file__).parents[2]
OWNER: Final = "urn:li:organization:5"
KINDS: Final = ("500", "503", "reset_before", "reset_after", "truncate")
"""How parts fail: answers, resets, and answers that are lost after the work was done."""

BLOCK: Final = 65_536
HEAD: Final = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"  # how an MP4 begins (ISO/IEC 14496-12)
WARM_UP: Final = 100_000  # bytes of a first upload, which LinkedIn takes from 75 KB on
POLICY: Final = RetryPolicy(tries=8, total=None)  # of a thousand parts none fails as often by chance


class Generated(io.RawIOBase):
    """A file whose bytes are made when they are read: no two blocks are alike, and none is at another's place.

    Args:
        size: how many bytes it has.
        seed: what they are made of.
    """

    def __init__(self, size: int, seed: int) -> None:
        super().__init__()
        self._size = size
        self._at = 0
        self._pool = random.Random(seed).randbytes(2 * BLOCK)

    def _block(self, index: int) -> bytes:
        start = index * 251 % BLOCK
        mark = HEAD if index == 0 else index.to_bytes(8)
        return mark + self._pool[start : start + BLOCK - len(mark)]

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        index, place = divmod(self._at, BLOCK)
        piece = self._block(index)[place : place + min(len(view), self._size - self._at)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def generated_sha256(size: int, seed: int) -> str:
    """Return the SHA-256 of such a file."""
    digest, file = hashlib.sha256(), Generated(size, seed)
    while piece := file.read(BLOCK):
        digest.update(piece)
    return digest.hexdigest()


# -- in the process that uploads ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What the process is to do.

    Attributes:
        transport: the name of one of `tests.support.chaos`.
        url: the base URL of the server.
        size: how many bytes the video has.
        seed: what they are made of.
        journal: the path of the journal; None for none.
        posts: as for `uploads.video`.
    """

    transport: str
    url: str
    size: int
    seed: int
    journal: str | None
    posts: bool


@dataclass(frozen=True)
class Report:
    """What an upload says at its end.

    Attributes:
        urn: the URN of the video.
        memory: by how many bytes the process was larger, at its largest, than before: its resident set, of which the
            system keeps the peak; 0 where the system does not tell.
    """

    urn: str
    memory: int


def main(argument: str) -> None:
    task = Task(**json.loads(argument))
    options: dict[str, Any] = {
        "base_url": task.url,
        "access_token": "a-token",
        "version_string": "202609",
        "retry": POLICY,
        "random": lambda: 0.0,  # waits of no length
    }
    if task.transport in BLOCKING:
        report = upload(task, RestliClient(BLOCKING[task.transport](), **options))
    else:
        report = asyncio.run(upload_awaited(task, AsyncRestliClient(AWAITED[task.transport](), **options)))
    sys.stdout.write(json.dumps(asdict(report)))


def upload(task: Task, client: RestliClient) -> Report:
    with client:
        client.run(flow_of(client, WARM_UP, task))  # imports, connections, caches
        before = forget_peak()
        urn = client.run(flow_of(client, task.size, task), journal=task.journal)
        return Report(urn, peak() - before)


async def upload_awaited(task: Task, client: AsyncRestliClient) -> Report:
    async with client:
        await client.run(flow_of(client, WARM_UP, task))
        before = forget_peak()
        urn = await client.run(flow_of(client, task.size, task), journal=task.journal)
        return Report(urn, peak() - before)


def flow_of(client: RestliClient | AsyncRestliClient, size: int, task: Task) -> Flow[Urn]:
    # A buffer as that of an open file, whose reads are larger than a block.
    source = io.BufferedReader(Generated(size, task.seed))
    return uploads.video(client.calls, OWNER, source, posts=task.posts)


def forget_peak() -> int:
    """Have the system forget how large this process was at its largest, and return how large it is, in bytes."""
    refs = Path("/proc/self/clear_refs")
    if refs.exists():
        refs.write_text("5", encoding="utf-8")
    return peak()


def peak() -> int:
    """Return how large this process was at its largest, in bytes (proc_pid_status(5)); 0 where nobody knows."""
    # Not getrusage, whose peak may be that of the process that started this one.
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


# -- in the process that starts it -------------------------------------------------------------------------------------


@dataclass
class Uploading:
    """A server, and processes that upload to it the same video, one after another.

    Args:
        directory: where the server keeps what comes, and the client its journal.
        transport: the name of a transport.
        size: how many bytes the video has.
        seed: what they are made of, and which of its parts fail.
        rate: how many of the parts fail.
        part_size: how many bytes the server asks for at once.
        posts: as for `uploads.video`.
        journal: whether the client keeps one.

    Attributes:
        faults: what went wrong, in words.
        media: the uploads that came.
    """

    directory: Path
    transport: str
    size: int
    seed: int
    rate: float = 0.1
    part_size: int = 1 << 22
    posts: bool = True
    journal: bool = True
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.media = MediaUploads(
            part_size=self.part_size,
            processing_polls=0,
            faults=Faults(seed=self.seed, rate=self.rate, kinds=KINDS),
            directory=self.directory,
            on_stored=self.stored,
        )
        self.kill_after: int | None = None
        self.child: subprocess.Popen[str] | None = None
        self.tries: dict[str, int] = {}
        self.killed_at = ""

    @property
    def upload(self) -> Upload:
        """The one upload of the video: those before were to warm up."""
        found = [one for one in self.media.values() if one.fields["fileSizeBytes"] == self.size]
        if len(found) != 1:
            raise RuntimeError(f"the video was begun {len(found)} times")
        return found[0]

    def stored(self, upload: Upload, part: UploadPart) -> None:
        """Kill the client if so many parts have come, in the middle of the last of them."""
        if self.kill_after is None or upload.fields["fileSizeBytes"] != self.size:
            return
        came = [one for one in upload.parts if one.stored]
        if len(came) >= self.kill_after and self.child is not None:
            self.kill_after = None
            self.tries = {one.name: one.tries for one in came}
            self.killed_at = part.name
            self.child.send_signal(signal.SIGKILL)

    def run(self, server: RestliServer, *, kill_after: int | None = None) -> Report | None:
        """Upload in a process of its own; return what it says, and None where it was killed."""
        self.kill_after = kill_after
        journal = str(self.directory / "journal.jsonl") if self.journal else None
        task = Task(self.transport, server.base_url, self.size, self.seed, journal, self.posts)
        program = [sys.executable, "-m", "tests.support.uploaded", json.dumps(asdict(task))]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "transports")])}
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as child:
            self.child = child
            said, _ = child.communicate(timeout=900)
        if child.returncode == -signal.SIGKILL:
            return None
        if child.returncode != 0:
            raise RuntimeError(f"an upload ended with status {child.returncode}")
        return Report(**json.loads(said))

    def check(self, report: Report | None) -> None:
        """Note what is wrong with an upload that has ended."""
        upload = self.upload
        if report is None or report.urn != upload.urn:
            self.faults.append("it does not say which video it was")
        if not upload.is_delivered or upload.sha256 != generated_sha256(self.size, self.seed):
            self.faults.append("not all bytes came as they were")
        if self.media.refused:
            self.faults.append(f"the server has refused: {self.media.refused[0]}")
        # Of this many, one has failed by all but a chance that no seed is likely to meet.
        if len(upload.parts) * self.rate > 10 and all(part.tries == 1 for part in upload.parts):
            self.faults.append("no part has failed")

    def check_taken_up(self) -> None:
        """Note what was sent again after the kill though its answer had come before it."""
        parts = {part.name: part for part in self.upload.parts}
        again = [name for name, tries in self.tries.items() if name != self.killed_at and parts[name].tries != tries]
        if not self.tries or len(self.tries) == len(parts):
            self.faults.append("it was not killed in the middle")
        if again:
            self.faults.append(f"{len(again)} of {len(self.tries)} parts were sent again, the first is {again[0]}")


def play(uploading: Uploading, *, kill_after: int | None = None) -> Report:
    """Upload the video, and once more if it is to be killed; note what is wrong."""
    with RestliServer(max_kept=0) as server:
        uploading.media.add_to(server)
        if kill_after is not None and uploading.run(server, kill_after=kill_after) is not None:
            uploading.faults.append("it was not killed")
        report = uploading.run(server)
        uploading.check(report)
        if kill_after is not None:
            uploading.check_taken_up()
    return report or Report("", 0)


if __name__ == "__main__":
    main(sys.argv[1])
