"""Builds the site: ``python -m docs.site``. Whatever is wrong with it ends the build with status 1."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from docs.site.checking import faults
from docs.site.core_archive import CORE, write_core
from docs.site.navigation import CONFIG, ROOT, entries
from docs.site.plain_pages import add_plain_pages
from docs.site.reference import write_reference
from docs.site.staging import UnknownTargetError, stage

PAGES: Final = ROOT / "build" / "docs"
SITE: Final = ROOT / "build" / "site"


def build() -> list[str]:
    """Build the site in build/site, and return what is wrong with it, a line for each fault."""
    pages = entries()
    try:
        stage(PAGES)
    except UnknownTargetError as error:
        return [f"a link leads nowhere: {error}"]
    write_reference(pages, PAGES)
    there = {path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.md")}
    known = {page.path for page in pages}
    found = [f"{path}: is not in the navigation of zensical.toml" for path in sorted(there - known)]
    found += [f"{path}: is in the navigation, and not there" for path in sorted(known - there)]
    if found:
        return found
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(CONFIG)]
    if subprocess.run(command, check=False, cwd=ROOT).returncode:  # noqa: S603 - it is our own
        return ["Zensical warned, see above"]
    add_plain_pages(pages, PAGES, SITE)
    write_core(SITE / CORE)
    return faults(SITE)


def main() -> int:
    """Build the site as the arguments say, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description="Build the documentation in build/site.")
    parser.add_argument("--serve", action="store_true", help="then show it, on 127.0.0.1 alone")
    parser.add_argument("--port", type=int, default=8000, help="where (default: %(default)s)")
    known = parser.parse_args()
    found = build()
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        return 1
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{SITE.relative_to(ROOT)}: {len(entries())} pages, {size / 1e6:.1f} MB")
    if known.serve:
        handler = partial(SimpleHTTPRequestHandler, directory=str(SITE))
        with ThreadingHTTPServer(("127.0.0.1", known.port), handler) as server:
            print(f"http://127.0.0.1:{server.server_port}")
            server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
