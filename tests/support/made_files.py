"""Files that are made for tests, of the types that LinkedIn takes: as much of each as tells its type and its size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final

__all__ = ["PDF", "SRT", "compound", "gif", "jpeg", "mp4", "png", "zip_of"]

PDF: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
SRT: Final = b"1\r\n00:00:01,000 --> 00:00:04,000\r\nHello\r\n"


def png(width: int = 4, height: int = 3) -> bytes:
    """Return the head of a PNG."""
    header = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + header + b"\0\0\0\0" + b"pixels"


def gif(width: int = 4, height: int = 3, frames: int = 1, *, has_tables: bool = False) -> bytes:
    """Return a GIF with so many frames, each of two blocks, and a comment before each."""
    flags = 0x81 if has_tables else 0
    table = bytes(12) if has_tables else b""
    head = b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes([flags, 0, 0]) + table
    comment = b"\x21\xfe\x05hello\x00"
    frame = b"\x2c" + bytes(8) + bytes([flags]) + table + b"\x02" + b"\x03\x2c\x2c\x2c" + b"\x01\x21" + b"\x00"
    return head + (comment + frame) * frames + b"\x3b"


def jpeg(width: int = 4, height: int = 3, *, before: tuple[int, ...] = (16,), fill: int = 0) -> bytes:
    """Return the head of a JPG.

    Args:
        width: in pixels.
        height: in pixels.
        before: how many bytes each segment before the frame header has.
        fill: how many bytes that mean nothing stand before each marker.
    """
    filled = b"\xff" * fill
    segments = b"".join([filled + b"\xff\xe1" + (size + 2).to_bytes(2) + bytes(size) for size in before])
    frame = b"\xff\xc2" + (11).to_bytes(2) + b"\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + segments + filled + frame + b"pixels"


def zip_of(*names: str) -> bytes:
    """Return a ZIP archive of empty files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return file.getvalue()


def compound(*streams: str, shift: int = 9) -> bytes:
    """Return a compound file, such as a DOC, whose directory names these streams."""
    header = bytearray(1 << shift)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = shift.to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")  # the directory is the second sector
    entries = b"".join([name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams)])
    return bytes(header) + bytes(1 << shift) + entries


def mp4(size: int = 80_000, brand: bytes = b"isom") -> bytes:
    """Return what begins as an MP4 does, and has so many bytes, no two runs of which are the same."""
    head = (20).to_bytes(4) + b"ftyp" + brand + b"\0\0\2\0" + b"mp41"
    numbers: Iterator[bytes] = (number.to_bytes(4) for number in range(size // 4 + 1))
    return (head + b"".join(numbers))[:size]
