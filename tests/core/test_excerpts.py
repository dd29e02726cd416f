"""Excerpts: what bodies say to people, whatever they are, without secrets and without delay."""

from __future__ import annotations

import pytest

from restli_core.excerpts import MAX_SECRET, WINDOW, describe_body, excerpt
from restli_core.messages import HttpResponse

SECRET = "s3cret&<token>"
HTML = "text/html; charset=UTF-8"


def said(body: bytes | str, kind: str | None = HTML, limit: int = 200) -> str:
    octets = body if isinstance(body, bytes) else body.encode()
    headers = {} if kind is None else {"Content-Type": kind}
    return excerpt(HttpResponse(500, headers, octets), lambda text: text.replace(SECRET, "…"), limit)


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("text/plain", "no healthy upstream", "no healthy upstream"),
        ("text/plain", "upstream\r\n  connect\terror\n", "upstream connect error"),
        (None, "plain", "plain"),
        ("application/octet-stream", "plain", "plain"),
        ("application/json", '{"fault": {"string": "x"}}', '{"fault": {"string": "x"}}'),
        ("application/problem+json", "\ufeff{}", "{}"),
        ("application/xml", "<?xml version='1.0'?><e><code>X</code><m>a &lt; b</m></e>", "X a < b"),
        ("text/xml", "<e><![CDATA[a <b> c]]></e>", "a c"),
        ("application/xml", "<e><!-- hidden --><m>a&#33;&#x3f;&nope;</m></e>", "a!?&nope;"),
        (HTML, "<html><head><title>502 Bad Gateway</title></head><body><h1>x</h1></body></html>", "502 Bad Gateway"),
        (HTML, "<!DOCTYPE HTML><TITLE lang=en>\n a &amp; b\n</TITLE>", "a & b"),
        (HTML, "<html><title></title><body><h1 class='x'>A <b>big</b> heading</h1><p>y", "A big heading"),
        (HTML, "<html><title>never closed<h2>but this</h2>", "but this"),
        (HTML, "<html><style>p {}</style><script>if (a<b) {}</script><p>Please&nbsp;wait</p>", "Please wait"),
        (HTML, "<p>a<script>never closed", "a"),
        ("text/plain", "<html><title>a page all the same</title>", "a page all the same"),
        (None, "<html><title>a page all the same</title>", "a page all the same"),
        (HTML, "not a page", "not a page"),
        (HTML, "<html>\u0130<title>I</title>", "I"),
        (HTML, "", ""),
        (HTML, "<html></html>", ""),
        ("text/plain", b"caf\xe9", "caf\ufffd"),
        ("text/plain; charset=ISO-8859-1", b"caf\xe9", "café"),
        ('text/html;format=flowed; CHARSET="windows-1252"', b"<title>5 \x80</title>", "5 €"),
        ("text/html; charset=shift_jis", "<title>メンテナンス中</title>".encode("shift_jis"), "メンテナンス中"),
        ("text/plain; charset=EUC-KR", "점검 중".encode("euc-kr"), "점검 중"),
        ("text/plain; charset=us-ascii", b"caf\xe9", "caf\ufffd"),
        ("text/plain; charset=rot13", "café", "café"),
        ("text/plain; charset=punycode", "café", "café"),
        ("text/plain; charset=", "café", "café"),
        ("text/plain", "a\x1b[2J\u2028\u202eb", "a\\x1b[2J\\u2028\\u202eb"),
        ("application/xml", "<e>&#27;&#x2028;&#9999999;</e>", "\\x1b\\u2028\ufffd"),
        ("image/png", "text", ""),
        (None, b"\x89PNG\r\n\x1a\n\xff\xfe", ""),
        ("text/plain", b"a\0b", ""),
    ],
)
def test_what_a_body_says(kind: str | None, body: bytes | str, words: str) -> None:
    assert said(body, kind) == words


def test_long_words_are_cut() -> None:
    assert said("x" * 1000, "text/plain", 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    "body",
    [
        f"token {SECRET} is wrong",
        f"<html><title>token {SECRET.replace('<', '&lt;').replace('&', '&amp;', 1)}</title>",
        "x" * 190 + SECRET,
        f"<e>{SECRET.replace('&', '&#38;').replace('<', '&#60;').replace('>', '&#62;')}</e>",
        *(" " * (WINDOW - cut) + SECRET + " end" for cut in (1, 4, len(SECRET), len(SECRET) + 3)),
        *(" " * (WINDOW - MAX_SECRET - cut) + SECRET + " " * WINDOW for cut in (1, 4, len(SECRET))),
    ],
    ids=range(11),
)
def test_no_part_of_a_secret_is_said(body: str) -> None:
    assert "s3c" not in said(body, "text/plain")


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<title", "<title>", "<title ", "<!--", "<script", "<![CDATA[", "&#x", "&amp;", "<h1 x", " ", "-->"],
)
def test_any_amount_of_anything(piece: str) -> None:
    for start in ("", "<html>"):
        assert len(said(start + piece * (3 * WINDOW // len(piece)))) <= 200


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "4 bytes with no Content-Type"),
        ({"Content-Type": ""}, "4 bytes with no Content-Type"),
        ({"Content-Type": "text/html"}, "4 bytes of text/html"),
        ({"Content-Type": "a\x1b\u2028"}, "4 bytes of a\\x1b\\u2028"),
    ],
)
def test_how_a_body_is_described(headers: dict[str, str], text: str) -> None:
    assert describe_body(HttpResponse(500, headers, b"body")) == text
    assert len(describe_body(HttpResponse(500, {"Content-Type": "x" * 1000}, b"body"))) < 130
