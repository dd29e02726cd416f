"""Uploads an image and publishes a post with it, as an organization: --image names the file, --alt what it shows."""

from __future__ import annotations

import struct
import zlib

from connection import argument, connection

from restli_core import Urn
from restli_core.flows import Source
from restli_core.linkedin import posts, uploads
from restli_transports import RestliClient


def main(client: RestliClient, organization: Urn, source: Source, alt_text: str) -> None:
    image = client.run(uploads.image(client.calls, organization, source))
    print("uploaded", image)

    post = posts.image(organization, "Our new colours.", image, alt_text=alt_text)
    created = client.create("/posts", post)
    print("posted  ", created.decoded_entity_id)


def drawn(size: int = 64) -> bytes:
    """Return a PNG: a square that goes from blue to orange."""
    rows = b"".join(
        b"\0" + bytes(value for x in range(size) for value in (4 * x, 90 + y, 255 - 4 * x)) for y in range(size)
    )
    header = struct.pack(">2I5B", size, size, 8, 2, 0, 0, 0)  # 8 bits each for red, green and blue
    pieces = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in pieces
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    with connection() as client:
        owner = Urn.of("organization", argument("organization", local="2414183"))
        path = argument("image", local="")  # where none is named, one is drawn
        main(client, owner, path or drawn(), argument("alt", local="a square that goes from blue to orange"))
