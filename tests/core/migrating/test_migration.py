from __future__ import annotations

import ast
import sys
import warnings

import pytest

from restli_core import InvalidCallError
from restli_core.migrating import Todo, migrate
from restli_core.migrating.positions import MARK, ProgramText

HEAD = """\
import requests
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common.errors import ResponseFormattingError
client = RestliClient()
auth = AuthClient("a", "b")
answer = client.get(resource_path="/me", access_token="t")
token = auth.get_two_legged_access_token()
"""


def migrated(program: str) -> tuple[str, list[str]]:
    """What becomes of the last lines of a program, and the words of what is left to do."""
    migration = migrate(HEAD + program)
    assert migrate(migration.text).text == migration.text
    ast.parse(migration.text)
    lines = migration.text.splitlines()
    below = lines[next(number for number, line in enumerate(lines) if line.startswith("token =")) + 1 :]
    kept = [line for line in below if not line.strip().startswith(MARK)]
    return "\n".join(kept), [todo.words for todo in migration.todos]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("answer.response.json()", "answer.document"),
        ("answer.response.json()['a']", "answer.document['a']"),
        (
            "client.get(\n    resource_path='/me'\n).response . json( )",
            "client.get(\n    resource_path='/me'\n).document",
        ),
        ("answer.response.content", "answer.response.body"),
        ("answer.response.status_code", "answer.response.status_code"),
        ("answer.response.headers", "answer.response.headers"),
        ("answer.response.elapsed", "answer.response.native.elapsed"),
        ("answer.response.json(parse_float=str)", "answer.response.native.json(parse_float=str)"),
        ("answer.response.json", "answer.response.native.json"),
        ("raw = answer.response\nraw.json()", "raw = answer.response\nraw.native.json()"),
        ("token.response.text", "token.response.native.text"),
        ("auth.client_id", "auth.application.client_id"),
        ("client.batch_finder().results[0].isError", "client.batch_finder().results[0].is_error"),
        ("print(answer.status_code)", "print(answer.status_code)"),
        ("f'{answer.status_code}'", "f'{answer.status_code}'"),
        ("answer.entity['isError']", "answer.entity['isError']"),
        ("requests.get('u').status_code == 404", "requests.get('u').status_code == 404"),
        ("class A(Exception): ...", "class A(Exception): ..."),
        (
            "try:\n    f()\nexcept ResponseFormattingError:\n    g()",
            "try:\n    f()\nexcept InvalidResponseError:\n    g()",
        ),
    ],
)
def test_what_is_mechanical_is_done(before: str, after: str) -> None:
    assert migrated(f"{before}\n") == (after, [])


RAISED = "error statuses are raised: except restli_core.ServiceError (NotFoundError for 404)"
PERHAPS = "if this is an answer of the client, "
RESPONSE = "`response` is an HttpResponse here; with RequestsTransport() its `native` is requests' Response"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("if answer.status_code == 404: pass", RAISED),
        ("if answer.status_code: pass", RAISED),
        ("ok = answer.status_code // 100 == 2", RAISED),
        ("status = answer.status_code", RAISED),
        ("check(answer.status_code)", RAISED),
        ("(lambda x: x)(answer.status_code)", RAISED),
        ("while not x.status_code: pass", PERHAPS + RAISED),
        (
            "if token.status_code != 200: pass",
            "a refused token call is raised: except restli_core.OAuthError, restli_core.ServiceError",
        ),
        ("client.finder().paging.total", "paging is None where the server gives none"),
        ("answer.entity = 1", "answers cannot be assigned to here"),
        (
            "f(answer.response)",
            RESPONSE,
        ),
        ("auth.client_id = 1", "the attribute is `auth.application.client_id` here, and cannot be assigned to"),
        ("client.session.hooks", "hooks and headers of the session had no effect; here they have"),
        (
            "class A(RestliClient): ...",
            "a subclass: the client takes transport, access_token and more; see help(RestliClient)",
        ),
        ("patch('linkedin_api.clients.restli')", "a text names a module of linkedin-api-client"),
        ("if x.status_code == 404: pass", PERHAPS + RAISED),
        (
            "x.response.text",
            f"{PERHAPS}its {RESPONSE}",
        ),
        ("x.paging.total", f"{PERHAPS}paging is None where the server gives none"),
        ("x.isError", "if this is a result of batch_finder, isError is is_error here"),
        (
            "try:\n    client.get()\nexcept ResponseFormattingError: pass",
            "an answer with an error status is a restli_core.ServiceError here, whatever its body",
        ),
        (
            "try:\n    client.get()\nexcept (KeyError, requests.Timeout): pass",
            "what fails on the way is a restli_core.TransportError here, and not requests' exception",
        ),
    ],
    ids=range(21),
)
def test_what_is_left_to_do_is_marked(program: str, words: str) -> None:
    assert migrated(f"{program}\n") == (program.replace("ResponseFormatting", "InvalidResponse"), [words])


@pytest.mark.parametrize(
    "program",
    [
        "x.status_code",
        "status = x.status_code",
        "answer.status_code",
        "log.info('%s', answer.status_code)",
        "x.response",
        "x.paging",
        "x.paging = 1",
        "a = answer.response",
        "try:\n    client.get()\nexcept KeyError: pass\nexcept: pass",
        "f('linkedin_api is gone')",
    ],
)
def test_what_needs_nothing_gets_nothing(program: str) -> None:
    assert migrated(f"{program}\n") == (program, [])


@pytest.mark.parametrize(
    ("made", "after"),
    [
        ("AuthClient('a', 'b')", "AuthClient('a', 'b', transport=RequestsTransport())"),
        ("AuthClient('a', 'b', )", "AuthClient('a', 'b', transport=RequestsTransport() )"),
        (
            "AuthClient(\n    'a',\n    'b',  # c\n)",
            "AuthClient(\n    'a',\n    'b', transport=RequestsTransport(),  # c\n)",
        ),
        (
            "AuthClient(\n    'a',\n    'b'  # c\n)",
            "AuthClient(\n    'a',\n    'b', transport=RequestsTransport()  # c\n)",
        ),
        ("AuthClient(*args, **more)", "AuthClient(*args, **more, transport=RequestsTransport())"),
    ],
)
def test_a_client_whose_session_is_used_goes_over_requests(made: str, after: str) -> None:
    head = "from linkedin_api.clients.auth.client import AuthClient\n"
    text = migrate(f"{head}auth = {made}\nauth.session.verify = 'ca.pem'\n").text
    assert f"\nauth = {after}\nauth.session" in text
    assert "import RequestsTransport\n" in text


def test_where_an_argument_cannot_be_added_a_comment_says_which() -> None:
    text = migrate("from linkedin_api.clients.auth.client import AuthClient\nAuthClient(1, (2)).session.close()\n").text
    assert (
        f"{MARK}give this client transport=RequestsTransport(), of restli_transports.requests\nAuthClient(1, (2))."
        in text
    )


def test_a_client_that_is_made_elsewhere_gets_a_comment() -> None:
    head = "from linkedin_api.clients.restli.client import RestliClient\n"
    migration = migrate(f"{head}def f(client: RestliClient):\n    client.session.close()\n")
    (todo,) = migration.todos
    assert todo.words.startswith("this needs RestliClient(RequestsTransport())")
    assert "import RequestsTransport" not in migration.text


@pytest.mark.parametrize("mock", ["import responses\n", "from responses import activate\n"])
def test_a_program_with_mocks_of_requests_goes_over_requests(mock: str) -> None:
    head = f"{mock}from linkedin_api.clients.restli.client import RestliClient\n"
    assert migrate(f"{head}RestliClient()\n").text.endswith("\nRestliClient(RequestsTransport())\n")
    (todo,) = migrate(head).todos
    assert todo == Todo(1, "mocks of requests see only what goes through RequestsTransport()")


# Before Python 3.12 the places of what stands in an f-string need not be those of the file.


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("auth.client_id", "client_id is application.client_id here"),
        ("answer.response.json()", "response.json() is document here"),
        (
            "import linkedin_api.common.errors as e\ne.ResponseFormattingError",
            "e.ResponseFormattingError is restli_core.InvalidResponseError here",
        ),
    ],
)
def test_what_is_not_where_it_seems_stays_and_gets_a_comment(
    program: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProgramText, "holds", lambda _self, _node: False)
    text, todos = migrated(f"{program}\n")
    assert todos == [words]
    assert text.splitlines()[-1] == program.splitlines()[-1]


def test_f_strings_are_changed_or_get_a_comment() -> None:
    program = 'f"""\n{answer.response.json()} {auth.client_id}\n"""'
    text, todos = migrated(f"{program}\n")
    changed = 'f"""\n{answer.document} {auth.application.client_id}\n"""'
    assert (text == changed and todos == []) or (text == program and len(todos) == 2)


def test_a_name_in_an_f_string_is_not_renamed_where_it_is_not_found() -> None:
    program = 'from linkedin_api.common.errors import ResponseFormattingError\nx = f"""\n{ResponseFormattingError}"""\n'
    names: dict[str, object] = {}
    exec(migrate(program).text, names)
    assert "InvalidResponseError" in str(names["x"])


def test_a_program_without_the_package_is_untouched_whatever_it_is() -> None:
    for source in ("", "not python (", "x = 1\r\n", "\ufeffx\n"):
        assert migrate(source).text == source


def test_a_byte_order_mark_and_line_ends_stay() -> None:
    source = "\ufefffrom linkedin_api.clients.restli.client import RestliClient\r\nx.isError\r\n"
    assert migrate(source).text == (
        "\ufefffrom restli_transports import RestliClient\r\n"
        f"{MARK}if this is a result of batch_finder, isError is is_error here\r\nx.isError\r\n"
    )


@pytest.mark.parametrize(
    ("source", "match"),
    [
        (5, "must be the text of a program, not int"),
        ("import linkedin_api\nx = (\n", r"is not Python: line \d: "),
        ("import linkedin_api\n\0", "is not Python: "),
        ("import linkedin_api\n'\ud800'", "is not Python: it has characters that no text has"),
        ("import linkedin_api\nx = " + "-" * 100_000 + "1\n", "is nested too deeply|is not Python"),
    ],
    ids=["number", "syntax", "null", "surrogate", "deep"],
)
def test_what_is_not_a_program_is_refused_in_one_line(source: str, match: str) -> None:
    with pytest.raises(InvalidCallError, match=match) as caught:
        migrate(source)
    assert "\n" not in str(caught.value)


def test_an_error_of_syntax_without_a_line_is_told_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_source: str) -> ast.Module:
        raise SyntaxError("no")

    monkeypatch.setattr(ast, "parse", parse)
    with pytest.raises(InvalidCallError, match=r"^source: is not Python: no$"):
        migrate("import linkedin_api\n")


def test_a_long_chain_of_names_is_refused_or_followed() -> None:
    many = 5 * sys.getrecursionlimit()
    chain = "".join(f"a{number} = a{number + 1}\n" for number in range(many))
    source = (
        f"from linkedin_api.clients.restli.client import RestliClient\n{chain}a{many} = RestliClient()\na0.session.x\n"
    )
    try:
        assert "RequestsTransport" in migrate(source).text
    except InvalidCallError as error:
        assert "nested too deeply" in str(error)


def test_warnings_of_the_program_are_its_own() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        migrate("import linkedin_api\nx = '\\d' is 5\n")


def test_the_diff_is_one_that_patch_takes() -> None:
    source = "import os\nfrom linkedin_api.clients.restli.client import RestliClient"
    assert migrate(source).diff("a b.py") == (
        "--- a/a b.py\n+++ b/a b.py\n@@ -1,2 +1,2 @@\n import os\n"
        "-from linkedin_api.clients.restli.client import RestliClient\n\\ No newline at end of file\n"
        "+from restli_transports import RestliClient\n\\ No newline at end of file\n"
    )
    assert migrate("x = 1\n").diff() == ""


def test_what_is_left_to_do_has_its_line() -> None:
    migration = migrate("import linkedin_api\nif 1:\n    x.isError\n")
    assert [todo.line for todo in migration.todos] == [1, 4]
    assert repr(migration) == "<Migration changed, 2 to do>"
    assert repr(migrate("x")) == "<Migration unchanged, 0 to do>"
