"""Sources: the files of an upload, and what LinkedIn is known to refuse of them, found out before anything is sent.

file       type                       size                                             more
image      JPG, PNG, GIF              any                                              under 36,152,320 pixels, where
                                                                                       the head says; a GIF of up to
                                                                                       64 MiB: at most 250 frames
document   PDF, PPT, PPTX, DOC, DOCX  at most 100 MB
video      MP4                        75 KB to 500 MB for posts and ads; else to 5 GB
captions   SRT                        any

(https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api, .../documents-api,
.../videos-api.) Whether LinkedIn's KB has 1,000 bytes or 1,024 is not said: the larger range of the two is let through.
Pages and seconds are not counted, nor is what a file holds looked at beyond its head.

All is read by steps: the core opens nothing. What is given is a mistake of the caller's where it cannot be read at all.
"""

from __future__ import annotations

import errno
import os
import re
from io import UnsupportedOperation
from typing import Any, Final

from restli_core.base_errors import InvalidCallError, shorten
from restli_core.flows.steps import Flow, Read, Size, Source
from restli_core.linkedin.uploads.formats import (
    DOCUMENTS,
    MAX_ZIP_END,
    count_frames,
    directory_place,
    gif_size,
    is_compound,
    is_gif,
    is_jpeg,
    is_zip,
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
from restli_core.values import Value

__all__ = ["MAX_API_VIDEO", "MAX_POSTED_VIDEO", "Media"]

MIN_VIDEO: Final = 75 * 1000
MAX_POSTED_VIDEO: Final = 500 * 1024**2
MAX_API_VIDEO: Final = 5 * 1024**3
MAX_DOCUMENT: Final = 100 * 1024**2
MAX_PIXELS: Final = 36_152_320  # an image has fewer
MAX_FRAMES: Final = 250
MAX_COUNTED_GIF: Final = 64 * 1024**2  # bytes; it is read as a whole

HEAD_SIZE: Final = 65_536
MAX_DIRECTORY: Final = 1024**2  # bytes of a ZIP archive's directory that are looked at
MAX_SEGMENTS: Final = 500  # of a JPG before its frame header
MAX_SHOWN: Final = 100  # characters of a path

_CURE: Final = "; text is the path of a file, so give content as bytes"
# A scheme of two letters or more, since one is a drive; a Path has one slash after it.
_URL: Final = re.compile(r"(data|[A-Za-z][A-Za-z0-9+.\-]+(?=:/)):")


class Media(Value):
    """A file of the caller's.

    Args:
        argument: the name of the argument that it is.
        source: what is read.

    Raises:
        InvalidCallError: it is not bytes, a path, or a binary file that can seek; names the argument.
    """

    argument: str
    source: Source

    def __init__(self, argument: str, source: Source) -> None:
        try:
            Size(source)
        except InvalidCallError as error:
            raise InvalidCallError(argument, error.reason) from None
        super().__init__(argument, source)

    def image(self) -> Flow[int]:
        """Check an image, and return its size in bytes.

        Raises:
            InvalidCallError: in the flow, as by the other methods: it cannot be read, or LinkedIn refuses it.
        """
        size = yield from self._size()
        head = yield from self._read(0, HEAD_SIZE)
        self._refuse(why_not_image(head))
        measured = png_size(head) or gif_size(head)
        if is_jpeg(head):
            measured = yield from self._jpeg_size(head)
        if measured is not None:
            width, height = measured
            if width * height >= MAX_PIXELS:
                said = f"has {width:,} x {height:,} pixels, and LinkedIn takes fewer than {MAX_PIXELS:,} in all"
                raise InvalidCallError(self.argument, said)
        if is_gif(head) and size <= MAX_COUNTED_GIF:
            whole = yield from self._read(0, size)
            if count_frames(whole, MAX_FRAMES) > MAX_FRAMES:
                raise InvalidCallError(self.argument, f"has more than {MAX_FRAMES} frames, the most of a GIF")
        return size

    def document(self) -> Flow[int]:
        """Check a document, and return its size in bytes."""
        size = yield from self._size()
        head = yield from self._read(0, HEAD_SIZE)
        self._refuse(why_not_document(head))
        if is_zip(head):
            end = yield from self._read(max(size - MAX_ZIP_END, 0), MAX_ZIP_END)
            found = zip_directory(end)
            if found is None:
                raise InvalidCallError(self.argument, "is a DOCX or PPTX that is cut: its end is missing")
            start, length = found
            if start + length <= size:  # else its true place is elsewhere (ZIP64), and is not looked for
                self._refuse(zip_office((yield from self._read(start, min(length, MAX_DIRECTORY)))))
        elif is_compound(head):
            place = directory_place(head)
            if place is not None and place < size:  # a file system refuses to go far beyond the end
                other = other_office((yield from self._read(place, HEAD_SIZE)))
                self._refuse(other and f"must be {DOCUMENTS}: it is {other}")
        self._check_most(size, MAX_DOCUMENT, "a document")
        return size

    def video(self, most: int) -> Flow[int]:
        """Check a video, and return its size in bytes.

        Args:
            most: how many bytes it may have.
        """
        size = yield from self._size()
        head = yield from self._read(0, HEAD_SIZE)
        self._refuse(why_not_video(head))
        if size < MIN_VIDEO:
            raise InvalidCallError(self.argument, f"has {size:,} bytes, and LinkedIn takes videos from 75 KB on")
        cure = "; posts=False uploads up to 5 GB for other uses" if most == MAX_POSTED_VIDEO else ""
        self._check_most(size, most, "a video", cure)
        return size

    def subtitles(self) -> Flow[int]:
        """Check captions, and return their size in bytes."""
        size = yield from self._size()
        self._refuse(why_not_subtitles((yield from self._read(0, HEAD_SIZE))))
        return size

    def of_any_type(self) -> Flow[int]:
        """Check what may be of any type, and return its size in bytes."""
        return (yield from self._size())

    def unchanged(self, size: int) -> Flow[None]:
        """Check that the file has as many bytes as before.

        Raises:
            InvalidCallError: in the flow: it has not, or is not a file any more.
            OSError: in the flow: it cannot be read any more.
        """
        try:
            now: int = yield Size(self.source)
        except InvalidCallError as error:
            raise InvalidCallError(self.argument, error.reason) from error
        if now != size:
            said = f"had {size:,} bytes when the upload began, and has {now:,} now: upload it again, from the start"
            raise InvalidCallError(self.argument, said)

    def _size(self) -> Flow[int]:
        size: int = yield from self._reached(Size(self.source))
        if size == 0:
            raise InvalidCallError(self.argument, "is empty")
        return size

    def _read(self, start: int, size: int) -> Flow[bytes]:
        content: bytes = yield from self._reached(Read(self.source, start, size))
        return content

    def _reached(self, one: Read | Size) -> Flow[Any]:
        """Yield a step that reads."""
        try:
            return (yield one)
        except InvalidCallError as error:
            raise InvalidCallError(self.argument, error.reason) from error
        except (OSError, ValueError) as error:  # a ValueError is that of a path with a zero in it, or a closed file
            raise InvalidCallError(self.argument, self._unreadable(error)) from error

    def _unreadable(self, error: Exception) -> str:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if not isinstance(self.source, str | os.PathLike):
            if getattr(error, "errno", None) == errno.ESPIPE or (
                isinstance(error, UnsupportedOperation) and "seek" in said
            ):
                return "cannot be read: it cannot seek, as a pipe or the answer of an HTTP library: give its bytes"
            return f"cannot be read: {said}"
        path = os.fsdecode(self.source)
        if not path:
            return "is an empty text, where the path of a file is wanted"
        if found := _URL.match(path):
            return (
                f"is a URL ({found[1]}:...), and nothing is fetched: give the path of a file, or the content as bytes"
            )
        # What was meant as content is a path all the same; but this one is there.
        is_there = isinstance(error, IsADirectoryError | PermissionError)
        cure = "" if is_there or not isinstance(self.source, str) else _CURE
        return f"cannot be read: {said}: {shorten(repr(path), MAX_SHOWN)}{cure}"

    def _refuse(self, reason: str | None) -> None:
        if reason:
            raise InvalidCallError(self.argument, reason)

    def _check_most(self, size: int, most: int, what: str, cure: str = "") -> None:
        if size > most:
            limit = f"{most // 1024**3} GB" if most >= 1024**3 else f"{most // 1024**2} MB"
            raise InvalidCallError(self.argument, f"has {size:,} bytes, and {what} at most {limit}{cure}")

    def _jpeg_size(self, head: bytes) -> Flow[tuple[int, int] | None]:
        """Return the width and height of a JPG, whose frame header comes after any number of other segments."""
        place = 2
        for _ in range(MAX_SEGMENTS):
            data = head[place : place + 9] if place + 9 <= len(head) else (yield from self._read(place, 9))
            found = jpeg_segment(data)
            if not isinstance(found, int):
                return found
            place += found
        return None
