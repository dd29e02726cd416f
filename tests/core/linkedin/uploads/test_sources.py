"""Sources: what LinkedIn refuses of a file is known before anything is sent."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from restli_core import InvalidCallError
from restli_core.flows import Read, Size
from restli_core.linkedin.uploads.sources import HEAD_SIZE, MAX_SEGMENTS, Media
from tests.support.made_files import PDF, SRT, compound, gif, jpeg, mp4, png, zip_of
from tests.support.media_servers import MediaServer

POSTED = 500 * 1024**2
API = 5 * 1024**3


class Sized:
    """Performs the steps over a file that is larger than what there is of it."""

    def __init__(self, content: bytes, size: int) -> None:
        self.content = content
        self.size = size

    def __call__(self, step: Any) -> Any:
        return self.size if isinstance(step, Size) else self.content[step.start : step.start + step.size]


def checked(flow: Any, content: bytes | None = None, size: int = 0) -> int:
    server = MediaServer()
    if content is not None:
        server.perform = Sized(content, size)  # type: ignore[method-assign]
    found: int = server.run(flow)
    return found


def refused(flow: Any, content: bytes | None = None, size: int = 0) -> InvalidCallError:
    with pytest.raises(InvalidCallError) as caught:
        checked(flow, content, size)
    return caught.value


@pytest.mark.parametrize("given", [None, 5, bytearray(b"x"), io.StringIO("x"), ["cat.mp4"]])
def test_what_is_not_a_source_is_refused_at_once(given: Any) -> None:
    with pytest.raises(InvalidCallError, match=r"^captions: must be bytes, the path of a file, or a binary file"):
        Media("captions", given)


@pytest.mark.parametrize("content", [png(), gif(), jpeg()], ids=["png", "gif", "jpg"])
def test_a_file_is_read_wherever_it_is(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cat"
    path.write_bytes(content)
    for source in (content, path, str(path), io.BytesIO(content)):
        assert checked(Media("source", source).image()) == len(content)


# -- what cannot be read -----------------------------------------------------------------------------------------------


def raising(error: Exception, at: type = Size) -> Any:
    def perform(step: Any) -> Any:
        if isinstance(step, at):
            raise error
        return 100

    return perform


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        ("kitten.png", FileNotFoundError(2, "No such file or directory"), "'kitten.png'; text is the path of a file"),
        (Path("kitten.png"), FileNotFoundError(2, "No such file or directory"), "directory: 'kitten.png'$"),
        (Path("kitten.png"), IsADirectoryError(21, "Is a directory"), "Is a directory: 'kitten.png'$"),
        ("kitten.png", IsADirectoryError(21, "Is a directory"), "Is a directory: 'kitten.png'$"),
        ("kitten.png", PermissionError(13, "Permission denied"), "Permission denied: 'kitten.png'$"),
        ("", IsADirectoryError(21, "Is a directory"), "^thumbnail: is an empty text, where the path of a file is"),
        ("https://h/kitten.png?sig=1", FileNotFoundError(2, "No"), r"is a URL \(https:...\), and nothing is fetched"),
        (Path("https://h/kitten.png"), FileNotFoundError(2, "No"), r"is a URL \(https:...\), and nothing is fetched"),
        ("data:image/png;base64,iVBO", FileNotFoundError(2, "No"), r"is a URL \(data:...\), and nothing is fetched"),
        ("C:/kitten.png", FileNotFoundError(2, "No such file or directory"), "'C:/kitten.png'; text is the path of a"),
        ("a\0b", ValueError("embedded null byte"), r"embedded null byte: 'a\\x00b'; text is"),
        ("x" * 5000, OSError(36, "File name too long"), r"File name too long: 'x{49}…x{48}'; text is"),
        (io.BytesIO(b"x"), ValueError("I/O operation on closed file."), "I/O operation on closed file.$"),
        (io.BytesIO(b"x"), OSError(), "cannot be read: OSError$"),
        (io.BytesIO(b"x"), OSError(29, "Illegal seek"), "cannot be read: it cannot seek, .*: give its bytes$"),
        (io.BytesIO(b"x"), io.UnsupportedOperation("seek"), "cannot be read: it cannot seek, .*: give its bytes$"),
        (io.BytesIO(b"x"), io.UnsupportedOperation("read"), "cannot be read: read$"),
    ],
    ids=[
        *["text", "path", "directory", "text of a directory", "forbidden", "empty", "URL", "path of a URL", "data"],
        *["drive", "zero", "content", "closed", "wordless", "pipe", "download", "not readable"],
    ],
)
def test_what_cannot_be_read_is_a_mistake_of_the_callers(source: Any, error: Exception, said: str) -> None:
    for at in (Size, Read):
        server = MediaServer()
        server.perform = raising(error, at)  # type: ignore[method-assign]
        with pytest.raises(InvalidCallError, match=said) as caught:
            server.run(Media("thumbnail", source).image())
        assert caught.value.argument == "thumbnail"
        assert caught.value.__cause__ is error


def test_a_mistake_that_a_client_finds_names_the_argument() -> None:
    server = MediaServer()
    server.perform = raising(InvalidCallError("source", "must be a binary file"))  # type: ignore[method-assign]
    with pytest.raises(InvalidCallError, match=r"^captions: must be a binary file$"):
        server.run(Media("captions", b"x").subtitles())


def test_an_empty_file_is_refused() -> None:
    media = Media("source", b"")
    for flow in (media.image(), media.document(), media.video(API), media.subtitles(), media.of_any_type()):
        assert str(refused(flow)) == "source: is empty"


def test_what_may_be_of_any_type_only_has_a_size() -> None:
    assert checked(Media("source", b"whatever").of_any_type()) == 8


# -- images ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [png, gif, jpeg, lambda w, h: jpeg(w, h, before=(65_533, 65_533), fill=2)], ids=["png", "gif", "jpg", "far"]
)
def test_pixels(make: Any) -> None:
    assert checked(Media("source", make(5120, 7060)).image()) > 0
    assert "5,120 x 7,061" in str(refused(Media("source", make(5120, 7061)).image()))  # 36,152,320
    error = refused(Media("source", make(6016, 6010)).image())
    assert str(error) == "source: has 6,016 x 6,010 pixels, and LinkedIn takes fewer than 36,152,320 in all"


def test_a_jpg_of_many_segments_is_not_read_for_ever() -> None:
    server = MediaServer()
    image = jpeg(9000, 9000, before=(16,) * MAX_SEGMENTS)
    assert server.run(Media("source", image).image()) == len(image)
    server = MediaServer()
    image = jpeg(9000, 9000, before=(HEAD_SIZE - 3,) * (MAX_SEGMENTS // 10))
    with pytest.raises(InvalidCallError, match="9,000 x 9,000"):
        server.run(Media("source", image).image())
    assert [read.size for read in server.reads[1:]] == [9] * (MAX_SEGMENTS // 10)


@pytest.mark.parametrize("image", [jpeg()[:30], png()[:20], jpeg()[:4] + b"\0\0" + jpeg()[6:]])
def test_a_head_that_cannot_be_read_is_for_linkedin_to_judge(image: bytes) -> None:
    assert checked(Media("source", image).image()) == len(image)


def test_frames_of_a_gif() -> None:
    assert checked(Media("source", gif(frames=250)).image()) > 0
    assert str(refused(Media("source", gif(frames=251)).image())) == (
        "source: has more than 250 frames, the most of a GIF"
    )
    assert "250 frames" in str(refused(Media("source", "a.gif").image(), gif(frames=251), 64 * 1024**2))
    assert checked(Media("source", "a.gif").image(), gif(frames=251), 64 * 1024**2 + 1)  # too large to be counted


def test_another_type_is_refused() -> None:
    assert "must be a JPG, PNG or GIF" in str(refused(Media("source", PDF).image()))


# -- documents ---------------------------------------------------------------------------------------------------------


FAR = compound(shift=12)[:48] + b"\xff\xff\xff\xff" + compound("Workbook", shift=12)[52:]


@pytest.mark.parametrize(
    "content",
    [PDF, compound("WordDocument"), compound()[:40], FAR, zip_of("word/a"), zip_of("ppt/a"), b"junk" + PDF],
    ids=["pdf", "doc", "cut doc", "odd doc", "docx", "pptx", "late pdf"],
)
def test_documents(content: bytes) -> None:
    assert checked(Media("source", content).document()) == len(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (png(), "it is a PNG"),
        (compound("Workbook"), "it is an Excel workbook"),
        (zip_of("xl/a"), "it is an Excel workbook"),
        (zip_of("mimetype"), "a ZIP archive of something else"),
        (zip_of("word/a")[:-10], "is cut: its end is missing"),
    ],
    ids=["png", "xls", "xlsx", "odt", "cut"],
)
def test_what_is_not_a_document(content: bytes, said: str) -> None:
    assert said in str(refused(Media("source", content).document()))


def test_an_archive_whose_directory_is_elsewhere_is_not_judged() -> None:
    whole = zip_of("mimetype")
    end = whole.rindex(b"PK\x05\x06")
    whole = whole[: end + 16] + b"\xff\xff\xff\xff" + whole[end + 20 :]
    assert checked(Media("source", whole).document()) == len(whole)


def test_a_large_document() -> None:
    most = 100 * 1024**2
    assert checked(Media("source", "a.pdf").document(), PDF, most) == most
    error = refused(Media("source", "a.pdf").document(), PDF, most + 1)
    assert str(error) == "source: has 104,857,601 bytes, and a document at most 100 MB"


# -- videos and captions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "most", "said"),
    [
        (75_000, POSTED, None),
        (74_999, POSTED, "has 74,999 bytes, and LinkedIn takes videos from 75 KB on"),
        (POSTED, POSTED, None),
        (POSTED + 1, POSTED, "a video at most 500 MB; posts=False uploads up to 5 GB for other uses"),
        (POSTED + 1, API, None),
        (API, API, None),
        (API + 1, API, "and a video at most 5 GB"),
    ],
)
def test_the_size_of_a_video(size: int, most: int, said: str | None) -> None:
    flow = Media("source", "cat.mp4").video(most)
    if said is None:
        assert checked(flow, mp4(100), size) == size
    else:
        assert str(refused(flow, mp4(100), size)).endswith(said)


def test_another_type_says_so_before_its_size() -> None:
    assert "must be an MP4" in str(refused(Media("source", b"x").video(API)))


def test_subtitles() -> None:
    assert checked(Media("captions", SRT).subtitles()) == len(SRT)
    assert refused(Media("captions", b"WEBVTT").subtitles()).argument == "captions"


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_file_that_has_another_size_has_changed() -> None:
    assert MediaServer().run(Media("source", b"1234").unchanged(4)) is None
    said = "had 5 bytes when the upload began, and has 4 now"
    with pytest.raises(InvalidCallError, match=said):
        MediaServer().run(Media("source", b"1234").unchanged(5))


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (FileNotFoundError(2, "No such file"), FileNotFoundError, r"^\[Errno 2\] No such file$"),
        (InvalidCallError("source", "it is closed"), InvalidCallError, "^thumbnail: it is closed$"),
    ],
    ids=["gone", "closed"],
)
def test_a_file_that_cannot_be_read_any_more(error: Exception, kind: type[Exception], said: str) -> None:
    server = MediaServer()
    server.perform = raising(error)  # type: ignore[method-assign]
    with pytest.raises(kind, match=said):
        server.run(Media("thumbnail", "kitten.png").unchanged(5))
