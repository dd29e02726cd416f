"""What is sent: the target, the headers, the method and the body arrive as the request describes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import restli_core
from restli_core.errors import InvalidCallError
from restli_core.messages import HttpRequest
from restli_transports.testing.compliance.scripts import OK
from restli_transports.testing.compliance.senders import QUICK, get
from restli_transports.testing.compliance.suite import Suite
from restli_transports.testing.compliance.wire_view import ADDED, request_target, sent_fields, values_of
from restli_transports.testing.scripted_server import ScriptedServer, answer, response
from restli_transports.wire.urls import parse_url

__all__ = ["TARGETS", "ExactRequests", "GivenRequests", "OwnRequests"]

TARGETS: Final = [
    "/",
    "/a/%2e/b",
    "/a/%2E%2e/b",
    "/a/./b/../c",
    "//a//b/",
    "/%c3%A9/%7e%41",
    "/a%20b+%2B?c%20d=%2D%7E+%2B",
    "/a;b@c:d!$&'()*+,=~-._",
    "/adAccounts/(a:1,b:List(urn%3Ali%3Ax%3A1))?ids=List((a:1),(b:2))&q='x'",
    "/a?",
    "/a??b=/?c=%zz",
    '/a[0]?b[]={}|\\^`"<>',
]
"""Targets that libraries like to change."""

# Fields in all kinds of case; some of them libraries have values for themselves.
FIELDS: Final = {
    "X-RestLi-Protocol-Version": "2.0.0",
    "authorization": "Bearer t",
    "ACCEPT": "application/json",
    "user-agent": "me/1",
    "X-A": "a  b\tc",
    "x-empty": "",
    "Cookie": "a=b",
}


class GivenRequests(Suite):
    """What every transport sends."""

    @pytest.mark.parametrize(("rest", "target"), [("", "/"), ("?a=1", "/?a=1"), ("/a#b?c", "/a"), ("/a?b#c", "/a?b")])
    def test_the_target_of_a_url_without_path_or_with_fragment(self, rest: str, target: str) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url + rest)
        assert request_target(server.received[0]) == target

    @pytest.mark.parametrize(
        "url",
        [
            "/a",
            "a.test/b",
            "ftp://a.test/",
            "http://",
            "http:///a",
            "https://a.test:x/",
            "http://[::1",
            "http://[::g]/",
            "http://[127.0.0.1]/",
            "http://%6cocalhost/",
        ],
    )
    def test_what_is_no_http_url_is_an_invalid_call(self, url: str) -> None:
        with self.opened() as sender, pytest.raises(InvalidCallError) as caught:
            get(sender, url)
        assert caught.value.argument == "url"

    def test_user_information_is_neither_sent_nor_made_an_authorization(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, f"http://user:secret@{server.address}/a", Authorization="Bearer t")
            get(sender, f"http://user:secret@{server.address}/a")
        assert [values_of(request, "authorization") for request in server.received] == [["Bearer t"], []]
        assert values_of(server.received[0], "host") == [server.address]
        assert b"secret" not in b"".join(server.received)

    def test_what_the_core_writes_arrives_as_it_is(self) -> None:
        text = "".join(map(chr, range(0x80))) + "é€😀"
        call = restli_core.get_all(
            "/r/{a}/b", path_keys={"a": text}, query_params={"q.-_~": [text, ""], "b c": {"d": text}}
        )
        target = parse_url(call.request.url).target
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url + target)
        assert request_target(server.received[0]) == target

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"])
    @pytest.mark.parametrize("body", [b"", bytes(range(256))], ids=["empty", "octets"])
    def test_method_and_body_arrive_as_they_are(self, method: str, body: bytes) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            sender.send(HttpRequest(method, f"{server.url}/a", {}, body), timeout=QUICK)
        [request] = server.received
        head, _, received = request.partition(b"\r\n\r\n")
        assert head.startswith(f"{method} /a HTTP/1.1\r\n".encode())
        assert received == body
        assert values_of(request, "transfer-encoding") == []
        lengths = values_of(request, "content-length")
        # RFC 9110 section 8.6: a method that calls for a body says that there is none.
        assert lengths == ([str(len(body))] if body or method in {"POST", "PUT", "PATCH"} else [])

    def test_a_large_body_arrives_whole(self) -> None:
        body = bytes(range(256)) * 20_000
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            sender.send(HttpRequest("POST", f"{server.url}/a", {"Content-Type": "x/y"}, body), timeout=QUICK)
        assert server.received[0].endswith(b"\r\n\r\n" + body)

    def test_each_described_header_arrives_once_and_little_else(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, f"{server.url}/a", QUICK, **FIELDS)
        names = [name.lower() for name, _ in sent_fields(server.received[0])]
        assert len(names) == len(set(names))
        assert set(names) <= {name.lower() for name in FIELDS} | ADDED
        sent = {name: values_of(server.received[0], name.lower()) for name in FIELDS}
        assert sent == {name: [value] for name, value in FIELDS.items()}

    def test_a_repeated_header_arrives_joined(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            sender.send(HttpRequest("GET", server.url, [("X-A", "1"), ("x-a", "2")]), timeout=QUICK)
        assert values_of(server.received[0], "x-a") == ["1, 2"]

    @pytest.mark.parametrize("name", ["user-agent", "ACCEPT-encoding", "connection", "Accept"])
    def test_the_requests_header_wins(self, name: str) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url, QUICK, **{name: "close"})
        assert values_of(server.received[0], name.lower()) == ["close"]

    @pytest.mark.parametrize(
        "headers", [{"Content-Length": "3"}, {"Transfer-Encoding": "chunked"}], ids=["length", "chunked"]
    )
    def test_headers_that_contradict_the_body_are_an_invalid_call(self, headers: dict[str, str]) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            with pytest.raises(InvalidCallError) as caught:
                sender.send(HttpRequest("POST", server.url, headers, b"x"), timeout=QUICK)
            assert get(sender, server.url).status_code == 200
        assert caught.value.argument == "headers"
        assert len(server.received) == 1

    def test_cookies_are_not_invented(self) -> None:
        data = response("200 OK", b"", "Set-Cookie: a=b; Path=/")
        with ScriptedServer(answer(data)) as server, self.opened() as sender:
            get(sender, server.url)
            sender.send(HttpRequest("GET", server.url, {"Cookie": "c=d"}), timeout=QUICK)
        assert values_of(server.received[0], "cookie") == []
        assert values_of(server.received[1], "cookie") == ["c=d"]

    def test_netrc_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = tmp_path / ".netrc"
        netrc.write_text("default login user password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        with ScriptedServer(answer(response("302 Found", b"", "Location: /b"))) as server, self.opened() as sender:
            get(sender, server.url, Authorization="Bearer t")
            get(sender, server.url)
        assert [values_of(request, "authorization") for request in server.received] == [["Bearer t"], []]


class ExactRequests(Suite):
    """What a transport sends whose connections are not a library's plain ones."""

    def test_the_target_arrives_byte_for_byte(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            for target in TARGETS:
                get(sender, server.url + target)
        assert [request_target(request) for request in server.received] == TARGETS


class OwnRequests(Suite):
    """What a transport sends over connections of its own making."""

    def test_every_visible_character_arrives_as_it_is(self) -> None:
        targets = [f"/a{chr(code)}b?c{chr(code)}d" for code in range(0x21, 0x7F) if chr(code) != "#"]
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            for target in targets:
                get(sender, server.url + target)
        assert [request_target(request) for request in server.received] == targets

    def test_compressed_answers_are_asked_for(self) -> None:
        with ScriptedServer(answer(OK)) as server, self.opened() as sender:
            get(sender, server.url)
        [value] = values_of(server.received[0], "accept-encoding")
        assert {"gzip", "deflate"} <= {coding.strip() for coding in value.split(",")}

    def test_cookies_are_not_kept(self) -> None:
        data = response("302 Found", b"", "Set-Cookie: a=b", "Location: /")
        with ScriptedServer(answer(data)) as server, self.opened() as sender:
            for _ in range(2):
                get(sender, server.url)
        assert [values_of(request, "cookie") for request in server.received] == [[], []]
