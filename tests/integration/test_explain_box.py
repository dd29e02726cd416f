"""The box of docs/from-linkedin.md, which explains a request in the reader's browser, and what the site has for it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from docs.site.core_archive import CORE, write_core
from docs.site.navigation import ROOT
from restli_core.explaining import explain
from tests.support.chromium import CHROMIUM, Browser, browser
from tests.support.pages import text_of

SCRIPT = "docs/assets/javascripts/explain.js"
MISPRINTED = "GET https://api.linkedin.com/rest/posts?ids=urn:li:share:1&ids=urn:li:share:2"
PAGE = """<!DOCTYPE html><title>empty</title>
<script src="assets/javascripts/explain.js"></script>
<div class="explain-box" data-example="{example}" data-pyodide="pyodide/"></div>
<script>
let times = 0;
new MutationObserver((changes) => {{
  if (changes.some((change) => change.target.tagName === "PRE")) document.title = `shown ${{++times}}`;
}}).observe(document.querySelector(".explain-box"), {{ childList: true, subtree: true }});
</script>
"""


def test_the_page_has_a_box() -> None:
    (example,) = re.findall(r'<div class="explain-box" data-example="([^"]*)"></div>', text_of("docs/from-linkedin.md"))
    assert explain(example.replace("&amp;", "&")).python.startswith("client.finder(")
    assert f'extra_javascript = ["{SCRIPT.removeprefix("docs/")}"]' in text_of("zensical.toml")
    # It looks for the archive beside the folder that it is in.
    assert f'new URL("../{Path(CORE).name}", SCRIPT)' in text_of(SCRIPT)
    assert Path(SCRIPT).parent.parent.name == Path(CORE).parent.name == "assets"


def test_nothing_is_loaded_before_the_button_is_pressed() -> None:
    script = text_of(SCRIPT)
    assert len(re.findall(r"import\(|fetch\(", script)) == 2
    before, _, loading = script.partition("const load = async")
    assert "import(" not in before
    assert loading.count("load(box)") == 1
    assert loading.index('addEventListener("click"') < loading.index("load(box)") < loading.index("box.append(")


def test_the_program_explains_from_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "restli_core.zip"
    write_core(archive)
    first = archive.read_bytes()
    write_core(archive)
    assert archive.read_bytes() == first
    assert len(first) < 500_000
    (program,) = re.findall(r"const PROGRAM = `(.*?)`;", text_of(SCRIPT), re.DOTALL)
    assert "\\" not in program, "JavaScript would read it"
    program = program.replace("/restli_core.zip", str(archive))
    program += f"\nprint(explain.__code__.co_filename)\nfor one in ({MISPRINTED!r}, ''): print(explained(one))"
    done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    where, explained, failed = done.stdout.splitlines()
    assert where.startswith(str(archive))
    lines = "\n".join("".join(text for _, text in line) for line in json.loads(explained)["lines"])
    assert lines == explain(MISPRINTED).text
    assert json.loads(failed).keys() == {"error"}


# -- in a browser ------------------------------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Generator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def shown(page: Browser) -> str:
    return str(page.value_of("document.querySelector('pre').textContent")).rstrip("\n")


@pytest.fixture
def pyodide(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return the folder of the npm package."""
    runs = pytest.importorskip("tests.support.pyodide_runs")
    assert f"/npm/pyodide@{runs.VERSION}/" in text_of(SCRIPT)
    cache = getattr(request.config, "cache", None)
    try:
        return Path(runs.find_pyodide(tmp_path / "npm" if cache is None else cache.mkdir("pyodide")))
    except runs.NotToBeHadError as error:
        pytest.skip(str(error))


@pytest.mark.deep
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_what_has_nothing_to_show_is_not_seen(tmp_path: Path) -> None:
    # The theme shows each block of code, and hidden ones would be an empty bar.
    theme = ".md-typeset pre { display: flow-root; padding: 1em }"
    sheet = text_of("docs/assets/stylesheets/site.css")
    (tmp_path / "page.html").write_text(
        f"<!DOCTYPE html><title>empty</title><style>{theme}</style><style>{sheet}</style>"
        '<article class="md-typeset"><div class="explain-box" data-example="GET /me"></div></article>'
        f"<script>{text_of(SCRIPT)}</script>",
        encoding="utf-8",
    )
    with browser(tmp_path / "profile") as page:
        page.open((tmp_path / "page.html").as_uri(), "empty")
        height = "document.querySelector('pre').getBoundingClientRect().height"
        assert page.value_of(height) == 0
        page.value_of("document.querySelector('pre').hidden = false")
        assert page.value_of(height) > 0


@pytest.mark.deep
@pytest.mark.sockets
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_reader_pastes_and_sees(pyodide: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "assets" / "javascripts").mkdir(parents=True)
    (site / SCRIPT.removeprefix("docs/")).write_bytes((ROOT / SCRIPT).read_bytes())
    (site / "pyodide").symlink_to(pyodide)
    (site / "index.html").write_text(PAGE.format(example=MISPRINTED.replace("&", "&amp;")), encoding="utf-8")
    write_core(site / CORE)
    with served(site) as url, browser(tmp_path / "profile") as page:
        page.open(url, "empty")
        page.click("Explain it")
        page.wait_for("shown 1")
        assert shown(page) == explain(MISPRINTED).text
        page.value_of("document.querySelector('textarea').value = '<b>'")
        page.click("Explain it")
        page.wait_for("shown 2")
        assert page.value_of("document.querySelectorAll('pre b').length") == 0
