"""curl, explain and untunnel: one's output is another's input."""

from __future__ import annotations

import pytest

import restli_core as restli
from restli_core.command_line.request_commands import write_explanation
from restli_core.explaining import Explanation, explain
from tests.support.command_lines import Ran, Terminal, console_of, refused, run_line

URL = "https://api.linkedin.com/rest/adAccounts?ids=List(5001,5002)&fields=id,name"
CUT = URL.replace("5002)", "5002")


def test_curl_prints_the_command_of_the_call() -> None:
    call = restli.get("/adAccounts/{id}", path_keys={"id": 5}, fields=["id", "name"], version_string="202609")
    line = "curl get '/adAccounts/{id}' --key id=5 --fields id,name --version 202609"
    assert run_line(line) == Ran(0, f"{call.curl()}\n", "")


@pytest.mark.parametrize("name", ["MY_TOKEN", "'$MY_TOKEN'"])
def test_the_token_is_a_variable(name: str) -> None:
    secret = {"LINKEDIN_ACCESS_TOKEN": "AQX-secret", "MY_TOKEN": "AQX-secret"}
    assert "Bearer $LINKEDIN_ACCESS_TOKEN" in run_line("curl get /x", environ=secret).out
    ran = run_line(f"curl get /x --token-variable {name}", environ=secret)
    assert "Bearer $MY_TOKEN" in ran.out
    assert "secret" not in ran.out


def test_what_is_not_a_variable_is_refused() -> None:
    assert refused("curl get /x --token-variable 'a b'").startswith("--token-variable: must be a variable of the shell")


@pytest.mark.parametrize(("text", "status"), [(URL, 0), (CUT, 1)])
def test_explain_prints_what_the_function_says(text: str, status: int) -> None:
    for ran in (
        run_line(["explain", text]),
        run_line("explain", f"{text}\n".encode()),
        run_line("explain -", text.encode()),
    ):
        assert ran == Ran(status, f"{explain(text).text}\n", "")


def test_explain_is_told_of_version_and_resources() -> None:
    assert 'version_string="202609"' in run_line(["explain", URL, "--version", "202609"]).out
    ran = run_line(["explain", "/adAccounts/x", "--resource", "/adAccounts/{id:long}"])
    assert ran.status == 1
    assert "must be a long" in ran.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("explain foo", "the request: is not a request: paste a URL"),
        ("explain", "the request: is empty: paste a URL, a curl command or an HTTP request"),
        ("explain /x --version 2026", "--version: must be YYYYMM, such as 202601"),
        ("explain /x --resource x", "--resource: 'x' is not text that begins with /"),
    ],
)
def test_what_is_not_a_request_is_refused(line: str, said: str) -> None:
    assert refused(line).startswith(said)


def test_an_explanation_has_colours_on_a_terminal() -> None:
    terminal = Terminal()
    lines = ((("title", "GET /x"),), (("label", "Method"), ("value", "  get ")), (("caret", "^"),), ())
    write_explanation(Explanation(False, lines), console_of(stdout=terminal, environ={"TERM": "xterm"}))
    assert terminal.getvalue() == "\x1b[1mGET /x\x1b[0m\n\x1b[34mMethod\x1b[0m  get\n\x1b[31m^\x1b[0m\n\n"


def test_a_command_of_curl_is_explained() -> None:
    ran = run_line("explain", run_line("curl get '/adAccounts/{id}' --key id=5 --version 202609").out.encode())
    assert ran.status == 0
    assert "Method      get\n" in ran.out


@pytest.mark.parametrize("line", ["get /adAccounts --param a=b", "batch_get /adAccounts --ids 5001 5002 --fields id"])
def test_what_curl_tunnels_untunnel_shows(line: str) -> None:
    plain = explain(run_line(f"curl {line}").out)
    ran = run_line("untunnel", run_line(f"curl {line} --tunnel-above 0").out.encode())
    assert (ran.status, ran.err) == (0, "")
    first = ran.out.partition("\n")[0]
    assert plain.text.startswith(first.partition("?")[0])
    assert "?" in first
    assert "Authorization" not in ran.out
    assert "" not in ran.out.splitlines()


def test_a_body_comes_out_of_the_tunnel_too() -> None:
    tunnelled = restli.update(
        "/x", {"name": "é"}, query_params={"a": "b"}, tunnel_above=0, access_token="AQX-s"
    ).request
    head = "".join([f"{name}: {value}\r\n" for name, value in tunnelled.headers.raw])
    ran = run_line("untunnel", f"POST {tunnelled.url} HTTP/1.1\r\n{head}\r\n".encode() + tunnelled.body)
    assert (ran.status, ran.err) == (0, "")
    first, *others = ran.out.splitlines()
    assert first == "PUT https://api.linkedin.com/v2/x?a=b"
    assert "Content-Type: application/json" in others
    assert others[-2:] == ["", '{"name":"é"}']
    assert "AQX" not in ran.out


def test_no_secret_comes_out_of_a_tunnel() -> None:
    command = (
        "curl -H 'X-HTTP-Method-Override: GET' -H 'Authorization: Bearer AQX-secret' -H 'Cookie: a=AQX-secret' "
        "-d 'q=search&oauth2_access_token=AQX-secret' 'https://api.linkedin.com/v2/x?access_token=AQX-secret'"
    )
    ran = run_line(["untunnel", command])
    assert ran.status == 0
    assert "q=search" in ran.out
    assert "AQX-secret" not in ran.out + ran.err


def test_a_raw_request_is_untunnelled() -> None:
    request = (
        "POST /rest/posts HTTP/1.1\r\nHost: api.linkedin.com\r\nX-HTTP-Method-Override: GET\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\nids=List(1,2)\r\n"
    )
    ran = run_line("untunnel", request.encode())
    assert ran == Ran(0, "GET /rest/posts?ids=List(1,2)\nHost: api.linkedin.com\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET /x", "the request: is not tunnelled: it has no header X-HTTP-Method-Override"),
        ("foo", "the request: is not a request"),
        ("curl -H 'X-HTTP-Method-Override: FOO' https://a.b/c", "expected one of GET, POST"),
        ("curl -H 'X-HTTP-Method-Override: GET' -d 'é' https://a.b/é", "url: "),
    ],
)
def test_what_is_not_tunnelled_is_refused(text: str, said: str) -> None:
    assert refused(["untunnel", text]).startswith(said)
