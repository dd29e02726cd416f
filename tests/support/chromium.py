"""A real browser for tests: Chromium without a window, driven over its own pipes. Nothing but the standard library.

Its messages are those of the Chrome DevTools Protocol, each ended by a zero byte, on the descriptors 3 and 4.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

__all__ = ["CHROMIUM", "Browser", "browser"]

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--remote-debugging-pipe",
)
# Gives the pipes the numbers that Chromium expects, by way of higher ones, since they may be these already.
LAUNCH: Final = """
import fcntl, os, sys
into, out = (fcntl.fcntl(int(text), fcntl.F_DUPFD, 10) for text in sys.argv[1:3])
os.dup2(into, 3)
os.dup2(out, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_PATIENCE: Final = 60.0  # seconds; the first start on a busy machine is slow


class Browser:
    """A browser with one page."""

    def __init__(self, reading: int, writing: int) -> None:
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._ids = count(1)
        self._out = os.fdopen(writing, "wb", buffering=0)
        self._in = os.fdopen(reading, "rb")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def attach(self) -> None:
        """Waits until the browser has started, and opens an empty page in it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def _read(self) -> None:
        rest = b""
        with self._in:
            while piece := self._in.read1(65536):
                *messages, rest = (rest + piece).split(b"\0")
                for message in messages:
                    self._answers.put(json.loads(message))

    def close(self) -> None:
        """Ends the browser, and what reads from it."""
        self.call("Browser.close")
        self._out.close()
        self._reader.join(_PATIENCE)

    def call(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The result of a command to the browser, or to the page of a session."""
        asked = next(self._ids)
        message: dict[str, Any] = {"id": asked, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._answers.get(timeout=_PATIENCE)
            if answer.get("id") == asked:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command to the page."""
        return self.call(method, session=self._session, **params)

    def open(self, url: str, title: str) -> None:
        """Opens a URL, and waits until its page is there, by its title."""
        self.do("Page.navigate", url=url)
        self.wait_for(title)

    def wait_for(self, title: str) -> None:
        """Waits until the page has this title, and all the rest."""
        until = time.monotonic() + _PATIENCE
        ready = f"document.readyState === 'complete' && document.title === {json.dumps(title)}"
        while not self._is_true(ready):
            assert time.monotonic() < until, f"the page is not {title}"
            time.sleep(0.02)

    def _is_true(self, expression: str) -> bool:
        try:
            return self.value_of(expression) is True
        except RuntimeError:  # one page is going, and another coming
            return False

    def value_of(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def click(self, button: str) -> None:
        """Clicks on a button, by its text: presses and releases the mouse in its middle."""
        left, top, width, height = self.value_of(
            f"""(() => {{
                const all = [...document.querySelectorAll("button")];
                const box = all.find(one => one.textContent === {json.dumps(button)}).getBoundingClientRect();
                return [box.left, box.top, box.width, box.height];
            }})()"""
        )
        where = {"x": left + width / 2, "y": top + height / 2, "button": "left", "clickCount": 1}
        self.do("Input.dispatchMouseEvent", type="mousePressed", **where)
        self.do("Input.dispatchMouseEvent", type="mouseReleased", **where)


@contextmanager
def browser(profile: Path) -> Generator[Browser]:
    """A browser with an empty profile, ended at the end."""
    assert CHROMIUM is not None
    reading, out = os.pipe()
    into, writing = os.pipe()
    started = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(into), str(out), CHROMIUM, *QUIET, f"--user-data-dir={profile}"],
        pass_fds=(into, out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(into)
    os.close(out)
    page = Browser(reading, writing)
    try:
        page.attach()
        yield page
    finally:
        page.close()
        started.wait(_PATIENCE)
