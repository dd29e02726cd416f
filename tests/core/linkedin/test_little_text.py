"""Little text: what is written for each part, what is read of each form, and what is refused."""

from __future__ import annotations

import copy
import json
import pickle
from enum import Enum
from typing import Any

import pytest

from restli_core import InvalidCallError, Urn
from restli_core.linkedin.little_text import (
    Hashtag,
    LittleText,
    Mention,
    Template,
    escape,
    hashtag,
    join,
    mention,
    parse,
    plain,
    suspicion,
    unescape,
)

ACME = Urn("urn:li:organization:1234")
ADA = Urn("urn:li:person:Ab1-cD_2e")


class Shout(str, Enum):  # noqa: UP042 - the `str` of a StrEnum is its text
    """A text whose `str` is not what it says."""

    HI = "hi (all)"


# -- writing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("Hello (world)", "Hello \\(world\\)"),
        ("|{}@[]()<>#\\*_~", "\\|\\{\\}\\@\\[\\]\\(\\)\\<\\>\\#\\\\\\*\\_\\~"),
        ("a\nb\r\nc\t\0", "a\nb\r\nc\t\0"),
        ("100 % \"sure\" 'yes' a/b:c;d,e.f!g?h=i+j-k&l^m`n$", "100 % \"sure\" 'yes' a/b:c;d,e.f!g?h=i+j-k&l^m`n$"),
        ("\uff03a \U0001f600 \ud800", "\uff03a \U0001f600 \ud800"),
        (Shout.HI, "hi \\(all\\)"),
        (Urn("urn:li:x:(a,b)"), "urn:li:x:\\(a,b\\)"),
    ],
    ids=["empty", "brackets", "all", "lines", "others", "beyond ASCII", "enumerated", "a URN"],
)
def test_escape(text: str, written: str) -> None:
    escaped = escape(text)
    assert type(escaped) is LittleText
    assert escaped == written
    assert unescape(escaped) == str.__str__(text)
    assert escape(escaped) is escaped  # nothing is escaped twice


@pytest.mark.parametrize(
    ("name", "urn", "written"),
    [
        ("Acme Corp", ACME, "@[Acme Corp](urn:li:organization:1234)"),
        ("Ada", str(ADA), "@[Ada](urn:li:person:Ab1-cD_2e)"),
        ("A[c]me (UK) | \\", ACME, "@[A\\[c\\]me \\(UK\\) \\| \\\\](urn:li:organization:1234)"),
        ("\u00c9t\u00e9 \U0001f600", ACME, "@[\u00c9t\u00e9 \U0001f600](urn:li:organization:1234)"),
    ],
)
def test_mention(name: str, urn: str, written: str) -> None:
    made = mention(name, urn)
    assert (made.name, made.urn, made.plain) == (name, urn, name)
    assert type(made.urn) is Urn
    assert str(made) == made.little_text == written
    assert parse(written) == (made,)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Technology", "{hashtag|\\#|Technology}"),
        ("open_source", "{hashtag|\\#|open\\_source}"),
        ("C++", "{hashtag|\\#|C++}"),
        ("a|b}", "{hashtag|\\#|a\\|b\\}}"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "{hashtag|\\#|\u0939\u093f\u0928\u094d\u0926\u0940}"),
    ],
)
def test_hashtag(name: str, written: str) -> None:
    made = hashtag(name)
    assert (made.name, made.sign, made.plain) == (name, "#", f"#{name}")
    assert str(made) == made.little_text == written
    assert parse(written) == (made,)


def test_a_name_that_was_escaped_is_not_escaped_again() -> None:
    assert mention(escape("A (UK)"), ACME) == mention("A (UK)", ACME)
    assert hashtag(escape("a_b")) == hashtag("a_b")
    assert Template("a", (escape("*"),)) == Template("a", ("*",))
    assert type(mention(Shout.HI, ACME).name) is type(hashtag(escape("a")).name) is str


def test_a_sign_that_was_escaped_is_not_escaped_again() -> None:
    for sign in (escape("#"), LittleText("#")):
        made = Hashtag("a_b", sign)
        assert made == Hashtag("a_b")
        assert made.little_text == "{hashtag|\\#|a\\_b}"
        assert made.plain == "#a_b"
        assert type(made.sign) is str


class Pieces(str):
    """A text that says other things of itself than it is."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> str:
        return "other"


def test_a_subclass_is_its_text() -> None:
    assert parse(Pieces("#a (b)")) == (Hashtag("a"), " (b)")
    assert plain(Pieces("#a (b)")) == "#a (b)"
    assert suspicion(Pieces("#a \\(b\\)")) == suspicion("#a \\(b\\)")


def test_join() -> None:
    parts = ("Thanks, ", mention("Acme Corp", ACME), "! (all) ", hashtag("Technology"), Template("x", ("a", "|")))
    joined = join(*parts, escape(" ~"), LittleText("#as_it_is"))
    assert type(joined) is LittleText
    assert joined == (
        "Thanks, @[Acme Corp](urn:li:organization:1234)! \\(all\\) {hashtag|\\#|Technology}{x|a|\\|} \\~#as_it_is"
    )
    assert join() == ""
    assert json.dumps({"commentary": join("(")}) == '{"commentary": "\\\\("}'


def test_a_plus_joins() -> None:
    acme, tag = mention("Acme", ACME), hashtag("a")
    made = "(1) " + acme + " (2) " + tag + tag
    assert type(made) is LittleText
    assert made == join("(1) ", acme, " (2) ", tag, tag)
    assert acme + tag == join(acme, tag)
    assert escape("(") + acme + "(" == join("(", acme, "(")
    assert acme + escape("(") == join(acme, "(")
    assert "(" + escape("(") == join("((")
    for left, right in [(acme, 1), (1, acme), (escape("a"), 1), (1, escape("a"))]:
        with pytest.raises(TypeError):
            left + right  # type: ignore[operator]


# -- reading -----------------------------------------------------------------------------------------------------------

TAG = Hashtag("a")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("a\nb", ("a\nb",)),
        # What LinkedIn's page prints, and what it sends.
        ("Hello @[Acme](urn:li:organization:1234)!", ("Hello ", Mention("Acme", ACME), "!")),
        ("{hashtag|#|Technology}", (Hashtag("Technology"),)),
        ("{hashtag|\\#|mytag}", (Hashtag("mytag"),)),
        ("{hashtag|\uff03|a}{hashtag|\\\uff03|a}", (Hashtag("a", "\uff03"),) * 2),
        ("@(urn:li:person:1)@[](urn:li:person:1)", (Mention("", Urn("urn:li:person:1")),) * 2),
        ("@[a](urn:li:school:1)", (Mention("a", Urn("urn:li:school:1")),)),
        ("@[a](urn:li:person:A\\_b)", (Mention("a", Urn("urn:li:person:A_b")),)),
        ("@[a](urn:li:x:1:2)", (Mention("a", Urn("urn:li:x:1:2")),)),
        ("@[a\\]b(c)_](urn:li:person:1)", (Mention("a]b(c)_", Urn("urn:li:person:1")),)),
        # Words after a sign.
        ("#a", (TAG,)),
        ("C#a, #a.", ("C", TAG, ", ", TAG, ".")),
        ("#a_1\u0301-b", (Hashtag("a_1\u0301"), "-b")),
        ("#\u0939\u093f\u0928\u094d\u0926\u0940!", (Hashtag("\u0939\u093f\u0928\u094d\u0926\u0940"), "!")),
        ("## #_ # \\#a \uff03a #", ("## #_ # #a \uff03a #",)),
        # Templates that are not known.
        ("{a|b}{B2|}{a|\\||c}", (Template("a", ("b",)), Template("B2", ("",)), Template("a", ("|", "c")))),
        ("{hashtag|#|a|b}{hashtag|a}", (Template("hashtag", ("#", "a", "b")), Template("hashtag", ("a",)))),
        ("{hashtag|\\\\\\#|a}", (Template("hashtag", ("\\#", "a")),)),
        ("{hashtag|#|two words}{hashtag|#|}", (Hashtag("two words"), Hashtag(""))),
        # What is not markup is text.
        ("a (b) [c] <d> *e* ~f~ _g_ | \\", ("a (b) [c] <d> *e* ~f~ _g_ | \\",)),
        ("\\n \\\\ \\( \\", ("\\n \\ ( \\",)),
        ("\\@[a](urn:li:person:1) \\{a|b}", ("@[a](urn:li:person:1) {a|b}",)),
        ("@[a] (urn:li:person:1) @[a](b) @[a @ @(urn:li:x) @[a](urn:li:x:(1,2)) @[a](urn:li:x: 1)", None),
        ("@[a[b](urn:li:person:1 @[a](urn:li:person:1", None),
        ("{a} {} {|b} {1|b} {a b|c} {a|b {\\a|b}", None),
        ("{a|{b|c}", ("{a|", Template("b", ("c",)))),
        ("@[a @[b](urn:li:person:1)", ("@[a ", Mention("b", Urn("urn:li:person:1")))),
        ("{a|@[b](urn:li:person:1)}", ("{a|", Mention("b", Urn("urn:li:person:1")), "}")),
        ("@[x #a](b)", ("@[x ", TAG, "](b)")),
    ],
)  # fmt: skip
def test_parse(text: str, parts: tuple[Any, ...] | None) -> None:
    parts = (text,) if parts is None else parts
    assert parse(text) == parts
    assert parse(LittleText(text)) == parts
    assert parse(join(*parts)) == parts
    assert {type(part) for part in parts} <= {str, Mention, Hashtag, Template}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi @[Acme Corp](urn:li:organization:1) \\(all\\) {hashtag|\\#|a}!", "Hi Acme Corp (all) #a!"),
        ("{hashtag|\uff03|a}", "\uff03a"),
        ("@(urn:li:person:1)", "urn:li:person:1"),
        ("{a|\\||b}", "{a|\\||b}"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\", "\\"),
        ("\\a\\\\\\(", "\\a\\("),
        ("\\\uff03", "\\\uff03"),
        ("@[a\\]](b)", "@[a]](b)"),
        (Shout.HI, "hi (all)"),
    ],
)
def test_unescape(text: str, shown: str) -> None:
    assert unescape(text) == shown
    assert type(unescape(escape(text))) is str


@pytest.mark.parametrize(
    "piece",
    [
        "\\",
        "@[",
        "@[a\\",
        "{hashtag|",
        "{a|\\#",
        "{a|b|",
        "@[x](",
        "@(urn:li:a:",
        "@[a](urn:",
        "#",
        "#a",
        "](",
        "@",
        "{",
    ],
)
def test_the_time_is_linear_in_the_text(piece: str, many: int) -> None:
    text = piece * (many // len(piece))
    parts = parse(text)
    assert len(plain(text)) <= len(text)
    assert parse(join(*parts)) == parts
    assert unescape(escape(text)) == text
    assert suspicion(LittleText(text)) or suspicion(text) or "#a" in text


# -- what is probably not meant ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"Hi {mention('A', ACME)}", "holds a mention or a hashtag"),
        (f"Hi {hashtag('A')}", "holds a mention or a hashtag"),
        ("Hi {hashtag|#|A", "holds a mention or a hashtag"),
        ("Hi \\(all\\)", "is escaped already"),
        ("#a \\(all\\)", "is escaped already"),
        (LittleText("Hi (all)"), "is a LittleText with a reserved character"),
        (LittleText("Hi \\n"), "is a LittleText with a reserved character"),
    ],
)
def test_suspicious_texts(text: str, reason: str) -> None:
    assert (suspicion(text) or "").startswith(reason)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Hi (all) #a", "C:\\temp\\_x (here)", "\\o/", "a@b.c", "{a|b}", "\\\\server\\share", "@you"),
        *(LittleText("#a @[A](urn:li:organization:1) {a|b} \\(x\\)"), escape("\\( x"), join(hashtag("a"), "#")),
    ],
)
def test_texts_that_people_write(text: str) -> None:
    assert suspicion(text) is None


# -- values ------------------------------------------------------------------------------------------------------------

VALUES = [LittleText("a"), mention("Ada", ADA), Hashtag("a", "\uff03"), Template("a", ("b", "c"))]


@pytest.mark.parametrize("value", VALUES, ids=["LittleText", "Mention", "Hashtag", "Template"])
def test_they_are_values(value: Any) -> None:
    for same in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert same == value
        assert type(same) is type(value)
        assert hash(same) == hash(value)


def test_they_show_what_they_are() -> None:
    assert [repr(value) for value in VALUES] == [
        "LittleText('a')",
        "Mention('Ada', Urn('urn:li:person:Ab1-cD_2e'))",
        "Hashtag('a', '\uff03')",
        "Template('a', ('b', 'c'))",
    ]


def test_a_text_is_not_a_mention() -> None:
    assert mention("A", ACME) != "@[A](urn:li:organization:1234)"
    assert join(str(mention("A", ACME))) != join(mention("A", ACME))


# -- refused -----------------------------------------------------------------------------------------------------------

wrong: Any = 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: escape(wrong), "text: must be text, not int"),
        (lambda: unescape(wrong), "text: must be text, not int"),
        (lambda: parse(wrong), "text: must be text, not int"),
        (lambda: plain(wrong), "text: must be text, not int"),
        (lambda: join("a", wrong), "parts[1]: must be text, a LittleText, or what mention and hashtag return, not int"),
        (lambda: mention(wrong, ACME), "name: must be text, not int"),
        (lambda: mention("A", wrong), "urn: must be text, not int"),
        (lambda: mention(" ", ACME), "name: is empty"),
        (lambda: mention("A", "1234"), "urn: is not of the form urn:namespace:entityType:id"),
        (lambda: mention("A", "urn:li:company:1"), "give urn:li:organization:..."),
        (lambda: mention("A", "urn:li:member:1"), "give urn:li:person:..."),
        (lambda: mention("A", "urn:li:share:1"), "only persons and organizations can be mentioned"),
        (lambda: mention("A", "urn:x:person:1"), "only persons and organizations can be mentioned"),
        (lambda: mention("A", "urn:li:person:1)"), "urn: must be a Urn without white space, parentheses"),
        (lambda: hashtag(wrong), "name: must be text, not int"),
        (lambda: hashtag(""), "name: is empty"),
        (lambda: hashtag("#a"), "name: has a sign: give the word without it"),
        (lambda: hashtag("\uff03a"), "name: has a sign"),
        (lambda: hashtag("open source"), "name: has white space"),
        (lambda: hashtag("a\n"), "name: has white space"),
        (lambda: Mention("a", wrong), "urn: must be a Urn"),
        (lambda: Mention(wrong, ACME), "name: must be text, not int"),
        (lambda: Hashtag(wrong), "name: must be text, not int"),
        (lambda: Hashtag("a", "*"), "sign: must be #"),
        (lambda: Hashtag("a", wrong), "sign: must be text, not int"),
        (lambda: Template(wrong, ("a",)), "name: must be text, not int"),
        (lambda: Template("a-b", ("a",)), "name: must be letters and digits"),
        (lambda: Template("a", ()), "arguments: must be a tuple of one text or more"),
        (lambda: Template("a", wrong), "arguments: must be a tuple of one text or more"),
        (lambda: Template("a", ("b", wrong)), "arguments[1]: must be text, not int"),
        (lambda: Template("hashtag", ("#", "a")), "name: is that of a hashtag: make a Hashtag"),
    ],
)  # fmt: skip
def test_what_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidCallError) as caught:
        make()
    assert message in str(caught.value)
