from __future__ import annotations

import gzip
import http.client
import json
import threading

import pytest

from restli_transports.testing.compliance.scripts import (
    OK,
    after_request,
    answer_once,
    bomb,
    chunked,
    echo,
    idle_until_closed,
    silent,
)
from restli_transports.testing.scripted_server import ScriptedServer


def test_chunks_are_those_of_http() -> None:
    assert chunked(b"abcde", 2) == b"2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\nX-Trailer: 1\r\n\r\n"
    assert chunked(b"") == b"0\r\nX-Trailer: 1\r\n\r\n"


def test_a_bomb_is_small_until_it_goes_off() -> None:
    data = bomb(2**21)
    assert gzip.decompress(data) == bytes(2**21)
    assert len(data) < 2**12
    assert bomb(2**21) is data  # it is made once


@pytest.mark.sockets
def test_each_script_says_when_it_is_over() -> None:
    closed, ended = threading.Event(), threading.Event()
    for script, event in ((answer_once(closed), closed), (idle_until_closed(ended), ended)):
        with ScriptedServer(script) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"{}"
            connection.close()
            assert event.wait(60)


@pytest.mark.sockets
def test_the_echo_is_of_the_target() -> None:
    with ScriptedServer(echo) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for target in ("/", "/a%2eb?c=d"):
            connection.request("GET", target)
            assert json.loads(connection.getresponse().read()) == {"target": target}
        connection.close()


@pytest.mark.sockets
def test_what_comes_after_a_request_comes_once() -> None:
    with ScriptedServer(after_request(OK)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"{}"
        assert connection.sock is None or connection.sock.recv(1) == b""
        connection.close()


@pytest.mark.sockets
def test_silence_lasts_as_long_as_the_test() -> None:
    with ScriptedServer(silent) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()
