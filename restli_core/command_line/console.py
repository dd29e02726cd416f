"""Console: what a command reads and writes, and what it knows of the process that it runs in.

All that the command line reads or prints goes through one of these. So a command runs in a test as it runs in a
terminal, and what the functions of this package do depends on nothing else.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from restli_core.base_errors import printable
from restli_core.command_line.usage import UsageError

__all__ = ["Console"]

_BYTE_ORDER_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


class _Closed(io.StringIO):
    """A standard output that is closed: what is written there is not lost in silence."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.EBADF, "standard output is closed")


class Console:
    """Standard input, output and error of a command, and its surroundings.

    Args:
        stdin: what is read, as bytes; None where there is no standard input.
        stdout: where results go.
        stderr: where everything else goes.
        environ: the variables of the environment.
        today: returns the day.
    """

    def __init__(
        self,
        stdin: BinaryIO | None,
        stdout: TextIO,
        stderr: TextIO,
        environ: Mapping[str, str],
        today: Callable[[], date] = date.today,
    ) -> None:
        self._stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environ = environ
        self.today = today
        self._reader = ""  # what has read standard input

    @classmethod
    def of_process(cls) -> Console:
        """Return that of this process; what its encoding cannot express will be shown by escapes."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        # Each of the three may be closed, as after `>&-`; a program without a console, as on Windows, has none.
        return cls(getattr(sys.stdin, "buffer", None), sys.stdout or _Closed(), sys.stderr or io.StringIO(), os.environ)

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def reads_terminal(self) -> bool:
        """Whether standard input is a person at a terminal, or is not there, so that nothing waits to be read."""
        return self._stdin is None or self._stdin.isatty()

    def read(self, what: str) -> bytes:
        """Return all of standard input.

        Args:
            what: what is read, as an error names it.

        Raises:
            UsageError: there is none, or something else has read it.
        """
        if self._stdin is None:
            raise UsageError(f"{what}: there is no standard input to read it from")
        if self._reader:
            raise UsageError(f"{what}: cannot come from standard input as well, which {self._reader} comes from")
        self._reader = what
        if self._stdin.isatty():
            self.note(f"reading {what} from the terminal; end it with Ctrl-{'Z' if os.name == 'nt' else 'D'}")
        return self._stdin.read()

    def content(self, source: str, what: str) -> bytes:
        """Return what a source has: ``-`` and ``@-`` are standard input, ``@FILE`` is a file, else the text itself.

        Raises:
            UsageError: it cannot be read.
        """
        if source in {"-", "@-"}:
            return self.read(what)
        if not source.startswith("@"):
            try:
                return source.encode("utf-8", "surrogateescape")
            except UnicodeEncodeError as error:  # half of a character, as Windows may give it
                raise UsageError(f"{what}: is not text that can be sent, at character {error.start}") from None
        try:
            return Path(source[1:]).read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{what}: cannot read the file {source[1:]!r}: {reason}") from None

    def text(self, source: str, what: str) -> str:
        """Return what a source has as text: UTF-8, or what its byte order mark says.

        Raises:
            UsageError: it cannot be read, or is of another encoding.
        """
        content = self.content(source, what)
        mark, encoding = next((pair for pair in _BYTE_ORDER_MARKS if content.startswith(pair[0])), (b"", "utf-8"))
        try:
            return content.removeprefix(mark).decode(encoding)
        except UnicodeDecodeError as error:
            raise UsageError(f"{what}: is not UTF-8, at byte {error.start + len(mark)}") from None

    def bare_text(self, source: str, what: str) -> str:
        """Return what a source has as text, as `text` does; of a file or a pipe without the end of its last line."""
        text = self.text(source, what)
        return text if text == source else text.removesuffix("\n").removesuffix("\r")

    # -- writing -------------------------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Write a line, or several, to standard output."""
        self.stdout.write(f"{text}\n")

    def note(self, text: str) -> None:
        """Write a line to standard error, whatever is in the text, after what went to standard output before it."""
        with suppress(OSError):  # which is told of at the end, if it was not what the note is about
            self.stdout.flush()
        with suppress(OSError):  # nobody can be told that nobody can be told; the status still says how it went
            self.stderr.write(f"{printable(text)}\n")
            self.stderr.flush()

    def flush(self) -> None:
        """Write out what is buffered."""
        self.stdout.flush()

    def can_print(self, text: str) -> bool:
        """Return whether the encoding of standard output has all characters of a text."""
        try:
            text.encode(self.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    @property
    def is_terminal(self) -> bool:
        """Whether a person sees standard output as it is written."""
        return self.stdout.isatty()

    @property
    def has_colours(self) -> bool:
        """Whether standard output shows colours, and is wanted to (https://no-color.org)."""
        if not self.stdout.isatty() or self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb":
            return False
        # The older console of Windows would show the codes.
        return os.name != "nt" or "WT_SESSION" in self.environ or "TERM" in self.environ

    def painted(self, text: str, colour: str) -> str:
        """Return the text in a colour, where there are colours.

        Args:
            text: the text.
            colour: the colour, such as ``red``, or ``bold``.
        """
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.has_colours else text


_CODES: Final = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34}
