"""Uploads a video, shows how far it is, and publishes a post with it: --video names the file, an MP4.

An upload that was ended, by Ctrl-C or by a power cut, goes on where it was when this is run again: a journal of it is
beside the video meanwhile. Its parts go one by one, and those that fail are sent again on their own.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from connection import argument, connection

from restli_core import RetryPolicy, Urn
from restli_core.linkedin import posts, uploads
from restli_transports import RestliClient


def main(client: RestliClient, organization: Urn, path: Path) -> None:
    journal = path.with_name(f"{path.name}.upload.jsonl")
    patient = client.with_options(retry=RetryPolicy(tries=6, total=600))
    flow = uploads.video(patient.calls, organization, path)
    video = patient.run(flow, journal=journal, progress=True)  # a bar, where this is run in a terminal
    print(f"uploaded {video}, {path.stat().st_size / 1e6:.0f} MB")

    created = client.create("/posts", posts.video(organization, "How it is made.", video, title="How it is made"))
    print("posted  ", created.decoded_entity_id)
    journal.unlink()  # it has the URLs that bytes may be written to


@contextmanager
def chosen() -> Generator[Path]:
    """Yield the path of the video; with --local, where none is named, of one without pictures."""
    named = argument("video", local="")
    if named:
        yield Path(named)
        return
    with TemporaryDirectory() as directory:
        path = Path(directory, "made_up.mp4")
        with path.open("wb") as file:
            file.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
            file.truncate(30_000_000)
        yield path


if __name__ == "__main__":
    with connection() as client, chosen() as path:
        main(client, Urn.of("organization", argument("organization", local="2414183")), path)
