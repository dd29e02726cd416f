"""The documentation site: each page is in its navigation, links lead somewhere, and faults in what is built are found.

.ci/run builds it (`python -m docs.site`), with a generator that the tests do without.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections import Counter
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from docs.site.checking import faults
from docs.site.docstrings import markdown_of
from docs.site.navigation import ROOT, entries
from docs.site.plain_pages import add_plain_pages, first_sentence
from docs.site.reference import FOLDER, members_of, module_name, page_of, write_reference
from docs.site.staging import AT_ROOT, UnknownTargetError, page_paths, relinked, stage, without_code
from tests.support.pages import markdown_files, programs_in, text_of

NAVIGATION = entries()
REFERENCE = [module_name(entry.path) for entry in NAVIGATION if entry.path.startswith(f"{FOLDER}/")]
PAGES = page_paths()
MARKDOWN = markdown_files()
PUBLIC_NAMES = {member.name for module in REFERENCE for member in members_of(module)}


# -- navigation --------------------------------------------------------------------------------------------------------


def test_each_page_has_one_place_in_the_navigation() -> None:
    paths = Counter(entry.path for entry in NAVIGATION if not entry.path.startswith(f"{FOLDER}/"))
    assert paths == Counter(PAGES.values())


def test_the_reference_has_what_is_public() -> None:
    said = text_of("docs/versioning.md").partition("**What is public**")[2].partition("The Reference")[0]
    core, transports = said.split(";")
    packages = {"restli_core", "restli_transports"}
    named = {f"restli_core.{name}" for name in re.findall(r"`([\w.]+)`", core)} - {"restli_core.restli_core"}
    named |= {f"restli_transports.{name}" for name in re.findall(r"`([\w.]+)`", transports)}
    named -= {"restli_core.__all__", "restli_transports.restli_transports", "restli_core.linkedin"}
    inside = {path.stem for path in (ROOT / "restli_core" / "linkedin").iterdir()} - {"__init__", "__pycache__"}
    libraries = {"urllib3", "requests", "httpx", "h11", "aiohttp"}
    carriers = {f"restli_transports.{path.stem}" for path in (ROOT / "transports" / "restli_transports").iterdir()} & {
        f"restli_transports.{library}" for library in libraries
    }
    assert {*REFERENCE} == packages | named | {f"restli_core.linkedin.{name}" for name in inside} | carriers


def test_what_pages_and_examples_import_is_public() -> None:
    texts = [code for path in markdown_files() for code in programs_in(text_of(path))]
    texts += [text_of(f"examples/{path.name}") for path in sorted((ROOT / "examples").glob("*.py"))]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in imported if name.startswith("restli_") and not name.startswith("restli_transports.wire.")}
    assert ours - {*REFERENCE, "restli_core.linkedin"} == set()


# -- pages -------------------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    programs = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", programs.sub("", text), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", MARKDOWN)
def test_links_lead_somewhere(path: str) -> None:
    wrong = []
    for link in re.findall(r"(?:\]\(|src=\")([^()\s\"]+)", without_code(text_of(path))):
        target, _, anchor = link.partition("#")
        file = (ROOT / path).parent / target if target else ROOT / path
        if re.match(r"[a-z]+:", link):
            continue
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("path", MARKDOWN)
def test_pages_are_read_alike_on_github_and_on_the_site(path: str) -> None:
    # Python-Markdown takes a list without an empty line before it for text, GitHub does not.
    outside = re.sub(r"^ *```.*?^ *```$", "", text_of(path), flags=re.MULTILINE | re.DOTALL)
    assert [
        line
        for before, line in pairwise(["", *outside.splitlines()])
        if re.match(r"([-*]|\d+\.) ", line) and not re.match(r"$|([-*]|\d+\.) |  ", before)
    ] == []


OF_OTHERS = {"AllMockedAssertionError", "ClientTimeout", "HTTPTransport", "ResponseFormattingError", "ValidationError"}


@pytest.mark.parametrize("path", [path for path in MARKDOWN if path != "CHANGELOG.md"])
def test_the_classes_that_a_page_names_are_there(path: str) -> None:
    outside = re.sub(r"^ *```.*?^ *```", "", text_of(path), flags=re.MULTILINE | re.DOTALL)
    code = " ".join(re.findall(r"`([^`\n]*)`", outside))
    named = {*re.findall(r"(?<![\w.])[A-Z]\w*(?:Error|Timeout|Warning|Transport|Source|Store)\b", code)}
    assert named - {*PUBLIC_NAMES, *dir(builtins), *OF_OTHERS} == set()


def test_links_are_the_sites_own() -> None:
    text = (
        "[a](errors.md#x) [b](../SECURITY.md) [c](../examples/own_io.py) [d](https://e.org/f.md) [e](#y) `[f](no.md)`"
    )
    assert relinked(text, "docs/index.md", PAGES) == (
        "[a](errors.md#x) [b](project/security-policy.md) "
        "[c](https://github.com/restli-core/restli-core/blob/main/examples/own_io.py) "
        "[d](https://e.org/f.md) [e](#y) `[f](no.md)`"
    )
    assert relinked("[a](../auth.md)", "docs/linkedin/README.md", PAGES) == "[a](../auth.md)"
    assert relinked("[a](docs/linkedin/README.md)", "CONTRIBUTING.md", PAGES) == "[a](../linkedin/index.md)"
    assert relinked("[a](../benchmarks)", "docs/why.md", PAGES).endswith("/tree/main/benchmarks)")
    assert relinked("```\n[a](no.md)\n```\n", "docs/why.md", PAGES) == "```\n[a](no.md)\n```\n"
    with pytest.raises(UnknownTargetError, match=r"docs/why\.md: no\.md"):
        relinked("[a](no.md)", "docs/why.md", PAGES)


def test_all_pages_are_laid_out(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("of an earlier run", encoding="utf-8")
    stage(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")} == {*PAGES.values()}
    assert {*AT_ROOT.values()} <= {*PAGES.values()}
    assert (tmp_path / "assets" / "stylesheets" / "site.css").is_file()


# -- reference ---------------------------------------------------------------------------------------------------------


def test_each_public_name_is_described(tmp_path: Path) -> None:
    write_reference(NAVIGATION, tmp_path)
    for module in REFERENCE:
        text = (tmp_path / FOLDER / f"{module}.md").read_text(encoding="utf-8")
        headings = re.findall(r"^### (\w+)$", text, re.MULTILINE)
        assert sorted(headings) == sorted(member.name for member in members_of(module))
        assert len(re.findall(r"^ *```", text, re.MULTILINE)) % 2 == 0


def test_the_reference_has_what_decorators_make() -> None:
    page = page_of("restli_core", {})
    batch_get = page.partition("\n### batch_get\n")[2].partition("\n### ")[0]
    assert "\n    tunnel_above: int | None = None,\n" in batch_get
    assert "\n- `ids`: the ids, simple or complex" in batch_get
    assert "\n**Raises**\n\n- `InvalidCallError`: " in batch_get
    assert "\nclass Paging(start: int | None, count: int | None, total: int | None, links: list[Any])\n" in page
    assert "\nclass Refusal(status: int, " in page
    (fields,) = re.findall(r"^### GetResponse\n(.*?)^### ", page, re.MULTILINE | re.DOTALL)
    assert fields.rstrip().endswith("It has what `RestliResponse` has, too.")
    clients = page_of("restli_transports", {})
    (told,) = re.findall(r"^#### RestliClient\.batch_get\n\n(.*)$", clients, re.MULTILINE)
    assert told == "Get several entities by their ids. All arguments: [`batch_get`](restli_core.md#batch_get)."


def test_names_lead_to_their_pages() -> None:
    places = {"ServiceError": "restli_core.md#serviceerror", "fields": "restli_core.linkedin.posts.md#fields"}
    page = page_of("restli_core", places)
    assert "[`ServiceError`](#serviceerror)" in page
    assert "posts.md#fields" not in page  # a word that is a name elsewhere


def test_docstrings_become_markdown() -> None:
    docstring = """Do it.

        a drawing  ->  of it

    Read `this`:
    - one
    - two

    size: how much; and a line
        that goes on.

    >>> 1 + 1  # doctest: +SKIP
    2

    Args:
        this: what.
        *that: what else,
            at length.

    Returns:
        A thing.

    Raises:
        ValueError: never.
    """
    found = markdown_of(inspect.cleandoc(docstring), frozenset({"size"}))
    assert re.split(r"\n\n", found) == [
        "Do it.",
        "```text\na drawing  ->  of it\n```",
        "Read `this`:",
        "- one\n- two",
        "- `size`: how much; and a line\n    that goes on.",
        "```pycon\n>>> 1 + 1\n2\n```",
        "**Arguments**",
        "- `this`: what.\n- `*that`: what else,\n    at length.",
        "**Returns**",
        "A thing.",
        "**Raises**",
        "- `ValueError`: never.",
    ]


@pytest.mark.parametrize("module", REFERENCE)
def test_the_modules_of_the_reference_say_what_they_are(module: str) -> None:
    assert first_sentence(markdown_of(inspect.getdoc(import_module(module)) or "")) != ""


# -- what is built -----------------------------------------------------------------------------------------------------


def test_plain_pages_and_their_list(tmp_path: Path) -> None:
    folder, site = tmp_path / "docs", tmp_path / "site"
    stage(folder)
    write_reference(NAVIGATION, folder)
    for entry in NAVIGATION:
        (site / entry.path).parent.mkdir(parents=True, exist_ok=True)
    add_plain_pages(NAVIGATION, folder, site)

    listed = (site / "llms.txt").read_text(encoding="utf-8")
    title, _, quote, *_ = listed.splitlines()
    assert title == "# restli_core"
    assert quote.startswith("> LinkedIn's APIs for Python: ")
    rows = re.findall(r"^- \[[^\]]+\]\(([^)]+)\)(?:: \S.*)?$", listed, re.MULTILINE)
    assert sorted(rows) == sorted(entry.path for entry in NAVIGATION)
    assert all((site / path).is_file() for path in rows)
    headings = re.findall(r"^## (.*)$", listed, re.MULTILINE)
    assert headings[0] == "Start"
    assert headings[-1] == "Optional"
    whole = (site / "llms-full.txt").read_text(encoding="utf-8")
    assert "\n# Quick start\n" in whole
    assert "\n# Changelog\n" not in whole
    for path in [*site.rglob("*.md"), site / "llms.txt", site / "llms-full.txt"]:
        links = re.findall(r"\]\(([^()\s#]+)", without_code(path.read_text(encoding="utf-8")))
        own = [link for link in links if not re.match(r"[a-z]+:|assets/", link)]  # the generator copies the assets
        assert [link for link in own if not (path.parent / link).is_file()] == [], path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# A\n\nThe first sentence of Rest.li, `x.y`. And more.", "The first sentence of Rest.li, `x.y`."),
        ("# A\n\n```python\nx = 1.\n```\n\nA [link](b.md)\nto it:\n\n- x", "A link to it"),
        ("# A\n\n<!-- note -->\n\n| a |\n|---|\n", ""),
    ],
)
def test_a_page_is_told_of_by_its_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


BROKEN = {
    '<a href="no.html">': "a link leads nowhere: no.html",
    '<a href="b.html#no">': "a link leads to no place of its page: b.html#no",
    '<a href="#no">': "a link leads to no place of its page: #no",
    '<script src="https://cdn.example/x.js"></script>': "is fetched from elsewhere: https://cdn.example/x.js",
    '<link rel="stylesheet" href="//fonts.example/css">': "is fetched from elsewhere: //fonts.example/css",
    '<img src="no.png">': "there is no no.png",
}


@pytest.mark.parametrize("html", BROKEN)
def test_faults_are_found(html: str, tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text('<h2 id="here">B</h2><a href="a.html">back</a>', encoding="utf-8")
    whole = '<a href="b.html#here"><a href="https://example.org/"><a href="b.html"><link rel="next" href="b.html">'
    (tmp_path / "a.html").write_text(whole, encoding="utf-8")
    assert faults(tmp_path) == []
    (tmp_path / "a.html").write_text(whole + html, encoding="utf-8")
    assert faults(tmp_path) == [f"a.html: {BROKEN[html]}"]


def test_styles_that_fetch_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a { background: url(data:image/png;base64,AA) } b { src: url('c.woff') }")
    assert faults(tmp_path) == []
    (tmp_path / "a.css").write_text("@font-face { src: url('https://fonts.example/a.woff') }")
    assert faults(tmp_path) == ["a.css: is fetched from elsewhere: https://fonts.example/a.woff"]
