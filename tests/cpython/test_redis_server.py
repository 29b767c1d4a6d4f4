"""The server that the tests start is a real one, or they fail."""

import os
import socket
from pathlib import Path

import pytest

from tests.cpython import redis_server
from tests.cpython.redis_server import RedisServer, ensure, find


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except ConnectionError:
        return False


def test_server_answers_until_it_ends() -> None:
    with RedisServer() as server:
        assert answers(server.port)
        port = server.port
    assert not answers(port)


def test_killed_server_may_be_started_again() -> None:
    with RedisServer() as server:
        server.kill()
        assert not answers(server.port)
        server.start()
        assert answers(server.port)


def test_port_that_is_taken_meanwhile_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with RedisServer() as first:
        ports = iter([first.port, redis_server._free_port()])
        monkeypatch.setattr(redis_server, "_free_port", lambda: next(ports))
        with RedisServer() as second:
            assert second.port != first.port
            assert answers(second.port)


def test_machine_without_a_server_fails_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ANCHOR_REDIS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find() is None
    with pytest.raises(AssertionError, match="apt-get install redis-server"):
        RedisServer().__enter__()
    with pytest.raises(SystemExit, match="apt-get install redis-server"):
        ensure()


def test_server_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    named = find()
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setenv("ANCHOR_REDIS", str(named))
    assert find() == named
    monkeypatch.setenv("ANCHOR_REDIS", "/nowhere/redis-server")
    with pytest.raises(SystemExit, match="/nowhere/redis-server"):
        find()
