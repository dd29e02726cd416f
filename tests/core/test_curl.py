"""Commands of curl: that they say what the request says, whatever is in it, and tell no secret."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import restli_core
from restli_core import oauth
from restli_core.base_errors import InvalidCallError
from restli_core.curl import MAX_ARGUMENT, curl_command
from restli_core.messages import HttpRequest
from restli_core.methods import METHODS
from tests.support.samples import call
from tests.support.shells import SHELLS, read_curl, run_in
from tests.support.token_calls import SECRETS, VERIFIER
from tests.support.token_calls import calls as token_calls

GIVEN = {"LINKEDIN_ACCESS_TOKEN": "AQV-t0ken"}


def sent(command: str, folder: Path, shell: str = "sh", environment: dict[str, str] | None = None) -> HttpRequest:
    ((arguments, standard_input),) = run_in(shell, [command], folder, GIVEN if environment is None else environment)
    return read_curl(arguments, standard_input)


def test_a_call_in_a_command() -> None:
    made = restli_core.get("/adAccounts/{id}", path_keys={"id": 5}, query_params={"a": ["x"]}, version_string="202609")
    assert made.curl() == (
        "curl -g --path-as-is -X GET -H 'Accept: application/json' "
        f"-H 'User-Agent: {made.request.headers['User-Agent']}' -H 'X-RestLi-Protocol-Version: 2.0.0' "
        "-H 'X-RestLi-Method: GET' -H 'LinkedIn-Version: 202609' "
        '-H "Authorization: Bearer $LINKEDIN_ACCESS_TOKEN" '
        "'https://api.linkedin.com/rest/adAccounts/5?a=List(x)'"
    )


@pytest.mark.parametrize("tunnel_above", [0, 4000])
@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_what_the_call_says(name: str, tunnel_above: int, tmp_path: Path) -> None:
    made = call(name, tunnel_above=tunnel_above, query_params={"it's": "a 'b' \"c\" $HOME `id` \\ !x é"})
    with_token = made.request.with_header("Authorization", "Bearer AQV-t0ken")
    assert sent(made.curl(), tmp_path) == with_token
    assert sent(made.curl(None), tmp_path) == made.request
    assert sent(made.curl("$OTHER"), tmp_path, environment={"OTHER": "AQV-t0ken"}) == with_token
    assert sent(made.curl("${OTHER}"), tmp_path, environment={"OTHER": "AQV-t0ken"}) == with_token
    assert sent(made.curl("AQV-t0ken"), tmp_path, environment={}) == with_token


@pytest.mark.parametrize("name", METHODS)
def test_a_token_of_the_calls_own_is_not_shown(name: str, tmp_path: Path) -> None:
    made = call(name, access_token="s3cret-token", base_url="http://h", headers={"Cookie": "s3cret=1"})
    for command in (made.curl(), made.curl(None), made.curl("$OTHER")):
        assert "s3cret" not in command
    environment = {"LINKEDIN_ACCESS_TOKEN": "s3cret-token", "COOKIE": "s3cret=1"}
    assert sent(made.curl(), tmp_path, environment=environment) == made.request
    assert "Authorization" not in sent(made.curl(None), tmp_path, environment=environment).headers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bearer abc", '"Authorization: Bearer $LINKEDIN_ACCESS_TOKEN"'),
        ("basic abc==", '"Authorization: basic $LINKEDIN_ACCESS_TOKEN"'),
        ("s3cret", '"Authorization: $LINKEDIN_ACCESS_TOKEN"'),
        ("s3cret s3cret", '"Authorization: $LINKEDIN_ACCESS_TOKEN"'),
        ("", '"Authorization: $LINKEDIN_ACCESS_TOKEN"'),
    ],
)
def test_of_an_authorization_the_scheme_alone_is_shown(value: str, expected: str) -> None:
    command = curl_command(HttpRequest("GET", "http://h/", {"Authorization": value}))
    assert f"-H {expected} " in command
    assert "s3cret" not in command


BODIES = [
    b"\0\1\2\xff\xfe 'it'\\'' %d \\n \\\\ $HOME `id` \r\n\t",
    b"-n --help",
    b"@/etc/passwd",
    b"@/etc/passwd\0",
    b"\0",
    b"%",
    b"\n\n",
    b"a\n",
    b"007\x007",
    "caf\u00e9 \u4e2d\u6587 \U0001f600".encode(),
    "marks \u202e \u2066 \xa0".encode(),
    b"\xed\xa0\x80",
    b"x" * MAX_ARGUMENT,
    b"x" * (MAX_ARGUMENT + 1),
    b'{"a":"%s\\n\'"}' * 20_000,  # more than Linux takes for an argument
]


@pytest.mark.parametrize("shell", SHELLS)
def test_any_body_arrives(shell: str, tmp_path: Path) -> None:
    requests = [HttpRequest("PUT", "http://h/", {"Content-Type": "x/y"}, body) for body in BODIES]
    ran = run_in(shell, [curl_command(request, None) for request in requests], tmp_path, {})
    assert [read_curl(*one) for one in ran] == requests


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("GET", "http://h/"),
        HttpRequest("HEAD", "http://h/a/../b/./c?[1-3]={a,b}&c='\"$(id)"),
        HttpRequest("POST", "http://h/"),
        HttpRequest("POST", "http://h/", {"Content-Type": "application/x-www-form-urlencoded"}),
        HttpRequest("PUT", "http://h/", [("X", ""), ("X", "1"), ("x", "a;b"), ("Y'`$Z", "$(id) `id` \\"), ("Z", ":")]),
        HttpRequest("DELETE", "http://h/", {"user-agent": "", "ACCEPT": "*/*", "Expect": "x"}, b"body"),
        HttpRequest("!#$%&'*+-.^_`|~", "http://h/"),
    ],
    ids=range(7),
)
@pytest.mark.parametrize("shell", SHELLS)
def test_what_curl_would_add_or_read_otherwise(shell: str, request_: HttpRequest, tmp_path: Path) -> None:
    assert sent(curl_command(request_, None), tmp_path, shell) == request_


def test_the_length_follows_from_the_body() -> None:
    command = curl_command(HttpRequest("POST", "http://u:s3cret@h/", {"content-length": "7"}, b"a"))
    assert "content-length" not in command
    assert command.endswith(" http://h/")


@pytest.mark.parametrize("name", [*token_calls()])
def test_secrets_of_token_calls_are_variables(name: str, tmp_path: Path) -> None:
    made = token_calls()[name]
    command = made.curl()
    assert not [secret for secret in SECRETS if secret in command]
    assert "Authorization" not in command
    environment = {
        "LINKEDIN_CLIENT_SECRET": "s3cr+t/1",
        "LINKEDIN_CODE": "c0de&x=y",
        "LINKEDIN_REFRESH_TOKEN": "refr3sh",
        "LINKEDIN_ACCESS_TOKEN": "acc3ss",
    }
    assert sent(command, tmp_path, environment=environment) == made.request
    assert made.curl(None) == command


def test_a_verifier_is_a_secret_and_its_place_in_the_form_does_not_matter(tmp_path: Path) -> None:
    made = oauth.authorization_code("c0de", "http://127.0.0.1/", "app", code_verifier=VERIFIER)
    assert VERIFIER not in made.curl()
    environment = {"LINKEDIN_CODE": "c0de", "LINKEDIN_CODE_VERIFIER": VERIFIER}
    assert sent(made.curl(), tmp_path, environment=environment) == made.request
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Authorization": "Basic czNjcmV0"}
    ends = HttpRequest("POST", "http://h/", form, b"token=s3cret")
    assert shlex.split(curl_command(ends))[-3:] == ["--data-urlencode", "token=$LINKEDIN_ACCESS_TOKEN", "http://h/"]
    assert "Authorization: Basic $LINKEDIN_ACCESS_TOKEN" in curl_command(ends)


def test_a_query_that_travels_in_the_body_is_not_a_form_with_secrets(tmp_path: Path) -> None:
    made = restli_core.finder("/r", "q", query_params={"token": "page2", "code": "7"}, tunnel_above=0)
    assert sent(made.curl(None), tmp_path) == made.request


@pytest.mark.parametrize("token", ["", "a b", "$(cat token)", "$1", "$A-B", "${A", "a$B", "t\u00e9", 5, b"t"])
def test_what_is_neither_a_variable_nor_a_token_is_refused(token: object) -> None:
    with pytest.raises(InvalidCallError) as refused:
        call("get").curl(token)  # type: ignore[arg-type]
    assert refused.value.argument == "token"
    assert "variable of the shell" in str(refused.value)


def test_a_mapped_call_has_the_same_command() -> None:
    made = call("get")
    assert made.map(str).curl() == made.curl()
