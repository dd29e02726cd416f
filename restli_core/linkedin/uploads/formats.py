"""Formats: of which type a file is, by its bytes and not by its name, and what its head says.

type        begins with
JPG         FF D8 FF
PNG         89 "PNG" 0D 0A 1A 0A
GIF         "GIF87a" or "GIF89a"
PDF         "%PDF-" somewhere in its first 1,024 bytes                                   (ISO 32000-1, annex H.3.4.1)
DOC, PPT    D0 CF 11 E0 A1 B1 1A E1: a compound file, whose directory names its streams  ([MS-CFB] 2.2)
DOCX, PPTX  "PK" 03 04: a ZIP archive, whose central directory has word/ or ppt/         (ECMA-376 part 2)
MP4         a box of the type ftyp at the beginning; its brand is not that of another    (ISO/IEC 14496-12, 4.3)
SRT         text with a line such as 00:00:01,000 --> 00:00:04,000

Each function is of bytes alone. None judges what it does not understand: a file of the right type whose head cannot be
read is for LinkedIn to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = [
    "DOCUMENTS",
    "MAX_BLOCKS",
    "MAX_ZIP_END",
    "count_frames",
    "directory_place",
    "gif_size",
    "is_compound",
    "is_gif",
    "is_jpeg",
    "is_zip",
    "jpeg_segment",
    "other_office",
    "png_size",
    "why_not_document",
    "why_not_image",
    "why_not_subtitles",
    "why_not_video",
    "zip_directory",
    "zip_office",
]

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"

DOCUMENTS: Final = "a PDF, PPT, PPTX, DOC or DOCX"

# What people give by mistake: how it begins, at which byte, and what to say.
_OTHERS: Final = (
    (0, b"RIFF", "a RIFF file, such as WebP or AVI"),
    (0, b"<svg", "an SVG"),
    (0, b"<?xml", "XML"),
    (0, b"<!DOCTYPE", "HTML"),
    (0, b"<html", "HTML"),
    (0, b"BM", "a BMP"),
    (0, b"II*\x00", "a TIFF"),
    (0, b"MM\x00*", "a TIFF"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (0, b"{\\rtf", "RTF"),
    (0, _JPEG, "a JPG"),
    (0, _PNG, "a PNG"),
    (0, b"GIF8", "a GIF"),
    (0, b"%PDF-", "a PDF"),
    (0, _COMPOUND, "an old Office file"),
    (0, _ZIP, "a ZIP archive"),
    (4, b"ftyp", "a video, or an image such as HEIC"),
)


def _found(head: bytes, wanted: str) -> str:
    """Return that a file is not of the type that is wanted, and what it seems to be."""
    for start, magic, name in _OTHERS:
        if head.startswith(magic, start):
            return f"must be {wanted}, by its first bytes: it is {name}"
    return f"must be {wanted}, and its first bytes are not those of one"


# -- images ------------------------------------------------------------------------------------------------------------


def is_jpeg(head: bytes) -> bool:
    """Return whether a file that begins so is a JPG."""
    return head.startswith(_JPEG)


def is_gif(head: bytes) -> bool:
    """Return whether a file that begins so is a GIF."""
    return head.startswith((b"GIF87a", b"GIF89a"))


def why_not_image(head: bytes) -> str | None:
    """Return what is wrong with a file that begins so and is to be an image; None for nothing."""
    if is_jpeg(head) or is_gif(head) or head.startswith(_PNG):
        return None
    return _found(head, "a JPG, PNG or GIF")


def png_size(head: bytes) -> tuple[int, int] | None:
    """Return the width and height of a PNG; None where its head is cut, or of another file."""
    # The chunk IHDR is the first: its length, its name, width and height (PNG, section 11.2.2).
    if not head.startswith(_PNG) or head[12:16] != b"IHDR" or len(head) < 24:
        return None
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def gif_size(head: bytes) -> tuple[int, int] | None:
    """Return the width and height of a GIF's screen; None where its head is cut, or of another file."""
    if not is_gif(head) or len(head) < 10:
        return None
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def jpeg_segment(data: bytes) -> int | tuple[int, int] | None:
    """Return what a segment of a JPG says: the width and height, or how many bytes it has; None where it is odd.

    Args:
        data: its first bytes, 9 at least where the file has them.
    """
    # FF marker length(2, without the marker) and for a frame header: precision, height(2), width(2) (ITU T.81, B.2.2).
    if len(data) < 4 or data[0] != 0xFF:
        return None
    marker, length = data[1], int.from_bytes(data[2:4])
    if marker == 0xFF:  # fill bytes may stand before any marker
        return 1
    if marker in _FRAME_HEADERS:
        return None if len(data) < 9 else (int.from_bytes(data[7:9]), int.from_bytes(data[5:7]))
    if length < 2 or marker in _NO_LENGTH:
        return None
    return 2 + length


# SOF0 to SOF15, but for the three between them that are other tables; and what has no length, or begins the image.
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_LENGTH: Final = frozenset({0x00, 0x01, *range(0xD0, 0xDB)})


MAX_BLOCKS: Final = 1 << 19
"""How many blocks of a GIF are looked at: twice as many as 64 MiB have that are full, as nearly all are."""


def count_frames(data: bytes, most: int) -> int:
    """Return how many frames a GIF has, or one more than `most` where it has more; what is cut or odd ends it."""
    frames = 0
    for _ in _gif_frames(data):
        frames += 1
        if frames > most:
            break
    return frames


def _gif_frames(data: bytes) -> Iterator[int]:
    """Yield the place of each image of a GIF (GIF89a, sections 17 to 27)."""
    if len(data) < 13:
        return
    place = 13 + _table_size(data[10])
    is_inside = False  # an image or an extension
    for _ in range(MAX_BLOCKS):
        if place >= len(data):
            return
        kind = data[place]
        if is_inside:
            # Blocks of at most 255 bytes, each with its length before it; an empty one is the last.
            place += 1 + kind
            is_inside = kind > 0
        elif kind == 0x2C and place + 10 < len(data):
            yield place
            place += 11 + _table_size(data[place + 9])  # its own table, and the size of codes
            is_inside = True
        elif kind == 0x21:
            place += 2
            is_inside = True
        else:  # the trailer, or what is odd
            return


def _table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


# -- documents ---------------------------------------------------------------------------------------------------------


def is_compound(head: bytes) -> bool:
    """Return whether a file that begins so is a compound file, as DOC and PPT are."""
    return head.startswith(_COMPOUND)


def is_zip(head: bytes) -> bool:
    """Return whether a file that begins so is a ZIP archive, as DOCX and PPTX are."""
    return head.startswith(_ZIP)


def why_not_document(head: bytes) -> str | None:
    """Return what is wrong with a file that begins so and is to be a document; None for nothing."""
    if b"%PDF-" in head[:1024] or is_compound(head) or is_zip(head):
        return None
    return _found(head, DOCUMENTS)


def directory_place(head: bytes) -> int | None:
    """Return where the directory of a compound file begins; None where its head is cut or odd."""
    shift = int.from_bytes(head[30:32], "little")
    if len(head) < 52 or shift not in {9, 12}:
        return None
    return (int.from_bytes(head[48:52], "little") + 1) << shift


def other_office(directory: bytes) -> str | None:
    """Return what a compound file is that is neither a DOC nor a PPT; None where it may be one.

    Args:
        directory: the beginning of its directory.
    """
    if any(_utf16(name) in directory for name in ("WordDocument", "PowerPoint Document", "PP97_DUALSTORAGE")):
        return None
    return next((said for name, said in _OTHER_STREAMS.items() if _utf16(name) in directory), None)


# A name is an entry's, and ends in a zero.
_OTHER_STREAMS: Final = {
    "Workbook\0": "an Excel workbook",
    "Book\0": "an Excel workbook",
    "__properties_version1.0\0": "a mail of Outlook",
    "VisioDocument\0": "a drawing of Visio",
}


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


MAX_ZIP_END: Final = 22 + 65_535
"""How many bytes from its end a ZIP archive's record of where its directory is may begin (APPNOTE, 4.3.16)."""


def zip_directory(end: bytes) -> tuple[int, int] | None:
    """Return where the central directory of a ZIP archive begins, and its size; None where there is none.

    Args:
        end: the last `MAX_ZIP_END` bytes of the file, or all of it.
    """
    place = end.rfind(b"PK\x05\x06", 0, max(len(end) - 18, 0))  # it has 22 bytes, and a comment may have such a mark
    if place < 0:
        return None
    size, start = [int.from_bytes(end[place + at : place + at + 4], "little") for at in (12, 16)]
    return start, size


def zip_office(directory: bytes) -> str | None:
    """Return what is wrong with a ZIP archive that is to be a DOCX or PPTX; None for nothing.

    Args:
        directory: its central directory, or the beginning of it.
    """
    # Names of parts are the same in any case (ECMA-376 part 2, 6.2.2.3); some programs write them as Windows does.
    names = [name.lower().replace(b"\\", b"/").lstrip(b"/") for name in _zip_names(directory)]
    if directory and not names:  # it is elsewhere, as where something stands before the archive
        return None
    if any(name.startswith((b"word/", b"ppt/")) for name in names):
        return None
    if any(name.startswith(b"xl/") for name in names):
        return f"must be {DOCUMENTS}: it is an Excel workbook"
    if b"[content_types].xml" in names:  # of Office, or built alike; where its parts are called so, it says itself
        return None
    return f"must be {DOCUMENTS}: it is a ZIP archive of something else"


def _zip_names(directory: bytes) -> Iterator[bytes]:
    place = 0
    while directory.startswith(b"PK\x01\x02", place) and place + 46 <= len(directory):
        name, extra, comment = [int.from_bytes(directory[place + at : place + at + 2], "little") for at in (28, 30, 32)]
        yield directory[place + 46 : place + 46 + name]
        place += 46 + name + extra + comment


# -- videos and captions -----------------------------------------------------------------------------------------------


def why_not_video(head: bytes) -> str | None:
    """Return what is wrong with a file that begins so and is to be a video; None for nothing."""
    if head[4:8] != b"ftyp":
        return _found(head, "an MP4")
    other = _OTHER_BRANDS.get(head[8:12])
    return None if other is None else f"must be an MP4: it is {other}"


# Brands of files that are built as an MP4 is, and are none.
_OTHER_BRANDS: Final = {
    b"qt  ": "a QuickTime film (.mov), to be converted",
    b"M4A ": "sound alone (.m4a)",
    b"M4B ": "sound alone (.m4b)",
    b"heic": "an image (HEIC)",
    b"heix": "an image (HEIC)",
    b"mif1": "an image (HEIF)",
    b"avif": "an image (AVIF)",
    b"crx ": "an image (CR3)",
}


def why_not_subtitles(head: bytes) -> str | None:
    """Return what is wrong with a file that begins so and is to be subtitles in SRT; None for nothing."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "must be SRT in UTF-8: it is UTF-16"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"WEBVTT"):
        return "must be SRT: it is WebVTT"
    return None if _CUE.search(head) else "must be SRT: it has no line such as 00:00:01,000 --> 00:00:04,000"


_CUE: Final = re.compile(rb"\d\d?:\d\d:\d\d[,.]\d{1,3}[ \t]*-->[ \t]*\d\d?:\d\d:\d\d[,.]\d{1,3}")
