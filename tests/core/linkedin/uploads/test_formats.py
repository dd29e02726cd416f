"""Formats: which file is of which type, and what its head says."""

from __future__ import annotations

import io
import zipfile

import pytest

from restli_core.linkedin.uploads.formats import (
    MAX_BLOCKS,
    count_frames,
    directory_place,
    gif_size,
    jpeg_segment,
    other_office,
    png_size,
    why_not_document,
    why_not_image,
    why_not_subtitles,
    why_not_video,
    zip_directory,
    zip_office,
)
from tests.support.made_files import PDF, SRT, compound, gif, jpeg, mp4, png, zip_of

OF_NOTHING = b"hello, this is nothing of the kind"
RIFF = b"RIFF\x10\0\0\0WEBP"


@pytest.mark.parametrize("head", [png(), gif(), b"GIF87a", jpeg()], ids=["png", "gif", "old gif", "jpg"])
def test_images(head: bytes) -> None:
    assert why_not_image(head) is None


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (RIFF, "it is a RIFF file, such as WebP or AVI"),
        (b"BM\x10\0", "it is a BMP"),
        (b"II*\0", "it is a TIFF"),
        (b"<svg ", "it is an SVG"),
        (PDF, "it is a PDF"),
        (mp4(30), "it is a video, or an image such as HEIC"),
        (OF_NOTHING, "its first bytes are not those of one"),
        (b"\xff\xd8", "its first bytes are not those of one"),
    ],
    ids=["webp", "bmp", "tiff", "svg", "pdf", "mp4", "text", "cut"],
)
def test_what_is_not_an_image(head: bytes, said: str) -> None:
    reason = why_not_image(head)
    assert reason is not None
    assert reason.startswith("must be a JPG, PNG or GIF, ")
    assert reason.endswith(said)


@pytest.mark.parametrize("head", [PDF, b"junk of a mailer\n" + PDF, zip_of("word/a"), compound()])
def test_documents(head: bytes) -> None:
    assert why_not_document(head) is None


@pytest.mark.parametrize("head", [png(), b"{\\rtf1", bytes(1024) + PDF], ids=["png", "rtf", "late"])
def test_what_is_not_a_document(head: bytes) -> None:
    assert "must be a PDF, PPT, PPTX, DOC or DOCX" in (why_not_document(head) or "")


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"avc1", b"M4V "])
def test_videos(brand: bytes) -> None:
    assert why_not_video(mp4(40, brand)) is None


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (mp4(40, b"qt  "), "QuickTime"),
        (mp4(40, b"heic"), "HEIC"),
        (b"\x1aE\xdf\xa3", "WebM"),
        (RIFF, "AVI"),
        (b"", "not those of one"),
    ],
    ids=["mov", "heic", "webm", "avi", "empty"],
)
def test_what_is_not_a_video(head: bytes, said: str) -> None:
    assert said in (why_not_video(head) or "")


@pytest.mark.parametrize("text", [SRT, b"\xef\xbb\xbf" + SRT, b"1\n0:00:01.5 --> 00:00:02.000\nHi"])
def test_subtitles(text: bytes) -> None:
    assert why_not_subtitles(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SRT.decode().encode("utf-16"), "UTF-16"),
        (b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:04.000", "WebVTT"),
        (b"Hello", "no line such as"),
        (png(), "no line such as"),
    ],
    ids=["utf-16", "vtt", "text", "png"],
)
def test_what_is_not_subtitles(text: bytes, said: str) -> None:
    assert said in (why_not_subtitles(text) or "")


# -- sizes of images ---------------------------------------------------------------------------------------------------


def test_the_size_of_a_png() -> None:
    assert png_size(png(1200, 627)) == (1200, 627)
    assert png_size(png()[:23]) is None
    assert png_size(png().replace(b"IHDR", b"CgBI")) is None
    assert png_size(gif()) is None


def test_the_size_of_a_gif() -> None:
    assert gif_size(gif(1200, 627)) == (1200, 627)
    assert gif_size(gif()[:9]) is None
    assert gif_size(png()) is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\xff\xe0\x00\x10JFIF\0", 18),
        (b"\xff\xff\xff\xc0", 1),
        (b"\xff\xc0\x00\x0b\x08\x02\x73\x04\xb0", (1200, 627)),
        (b"\xff\xc0\x00\x0b\x08\x02", None),
        (b"\xff\xc4\x00\x10\0\0\0\0\0", 18),  # a table
        (b"\xff\xcc\x00\x10\0\0\0\0\0", 18),
        (b"\xff\xda\x00\x10\0\0\0\0\0", None),  # the scan: its frame header should have come before
        (b"\xff\xd9\x00\x10", None),
        (b"\xff\xe0\x00\x01", None),  # shorter than its length
        (b"\x00\xe0\x00\x10", None),
        (b"\xff\xe0", None),
    ],
)
def test_segments_of_a_jpg(data: bytes, found: object) -> None:
    assert jpeg_segment(data) == found


@pytest.mark.parametrize("has_tables", [True, False])
def test_frames_are_counted(has_tables: bool) -> None:
    for frames in (0, 1, 7, 250):
        assert count_frames(gif(frames=frames, has_tables=has_tables), 250) == frames
    assert count_frames(gif(frames=300, has_tables=has_tables), 250) == 251


def test_what_is_odd_ends_the_count() -> None:
    whole = gif(frames=3)
    assert count_frames(whole[:12], 250) == 0
    assert count_frames(whole[:13] + b"\x99" + whole[13:], 250) == 0
    for cut in range(13, len(whole)):
        assert count_frames(whole[:cut], 250) <= 3
    assert count_frames(b"GIF89a" + b"\xff" * 50, 250) == 0


def test_a_gif_of_a_million_blocks_is_not_read_for_ever() -> None:
    head = b"GIF89a\1\0\1\0\0\0\0"
    frame = b",\0\0\0\0\1\0\1\0\0\2\0"
    assert count_frames(head + b"!\xf9\0" * MAX_BLOCKS + frame, 250) == 0
    assert count_frames(head + frame[:-1] + b"\1x" * MAX_BLOCKS + b"\0" + frame, 250) == 1


# -- Office ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [9, 12])
@pytest.mark.parametrize(
    ("streams", "other"),
    [
        (("WordDocument",), None),
        (("Current User", "PowerPoint Document"), None),
        (("Workbook",), "an Excel workbook"),
        (("Workbook", "WordDocument"), None),  # a document with a table of Excel's in it
        (("__properties_version1.0",), "a mail of Outlook"),
        ((), None),
    ],
    ids=lambda value: "" if isinstance(value, str) or value is None else "-".join(value) or "none",
)
def test_compound_files(shift: int, streams: tuple[str, ...], other: str | None) -> None:
    whole = compound(*streams, shift=shift)
    place = directory_place(whole)
    assert place == 2 << shift
    assert other_office(whole[place:]) == other


def test_an_odd_compound_file_has_no_directory() -> None:
    assert directory_place(compound()[:51]) is None
    assert directory_place(compound()[:30] + b"\x63" + compound()[31:]) is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("[Content_Types].xml", "word/document.xml"), None),
        (("[Content_Types].xml", "ppt/presentation.xml"), None),
        (("[Content_Types].xml", "xl/workbook.xml"), "it is an Excel workbook"),
        (("[Content_Types].xml", "/Word/document.xml"), None),
        (("[Content_Types].xml", "PPT\\presentation.xml"), None),
        (("[Content_Types].xml", "XL\\workbook.xml"), "it is an Excel workbook"),
        (("[Content_Types].xml", "_rels/.rels", "document.xml"), None),  # whose parts are called as it likes
        (("META-INF/MANIFEST.MF",), "it is a ZIP archive of something else"),
        ((), "it is a ZIP archive of something else"),
    ],
    ids=["docx", "pptx", "xlsx", "case", "windows", "xlsx of windows", "other names", "jar", "empty"],
)
def test_archives(names: tuple[str, ...], said: str | None) -> None:
    whole = zip_of(*names)
    place = zip_directory(whole)
    assert place is not None
    start, size = place
    reason = zip_office(whole[start : start + size])
    assert reason is None if said is None else (reason or "").endswith(said)


def test_entries_with_extras_and_comments_are_passed_over() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml"):
            entry = zipfile.ZipInfo(name)
            entry.comment = b"a comment"
            entry.extra = b"\x99\x99\x04\x00more"
            archive.writestr(entry, b"")
    place = zip_directory(file.getvalue())
    assert place is not None
    assert zip_office(file.getvalue()[place[0] :]) is None


def test_an_archive_that_is_cut_has_no_directory() -> None:
    assert zip_directory(zip_of("word/document.xml")[:-5]) is None
    assert zip_directory(b"PK\x03\x04") is None


def test_a_comment_may_have_the_mark_of_an_end() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", b"")
        archive.comment = b"ends in PK\x05\x06"
    place = zip_directory(file.getvalue())
    assert place is not None
    assert zip_office(file.getvalue()[place[0] :]) is None


def test_what_is_not_a_directory_is_not_judged() -> None:
    assert zip_office(b"PK\x07\x08") is None
