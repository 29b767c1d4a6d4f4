"""A model server that pages may ask: it answers chat completions byte by byte, as a test says."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Allow-Methods": "POST",
}
PATIENCE = 30  # seconds

Reply = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request. `begin`, `send` and `end` answer it; without `end` the connection breaks off."""

    server: "ModelServer"
    protocol_version = "HTTP/1.1"
    close_connection: bool

    def do_OPTIONS(self) -> None:
        self.begin(204, "")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.body: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(self)
        self.close_connection = True
        self.server.replies[len(self.server.requests) - 1](self)

    def begin(self, status: int = 200, type: str = "text/event-stream") -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if type:
            self.send_header("Content-Type", type)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()

    def send(self, *parts: bytes, pause: float = 0.0) -> None:
        """Each part is a chunk of its own, `pause` seconds after the one before."""
        for part in parts:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()
            time.sleep(pause)

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def wait_closed(self) -> None:
        """Wait until the browser has closed the connection."""
        self.connection.settimeout(PATIENCE)
        try:
            is_closed = not self.connection.recv(1)
        except ConnectionError:
            is_closed = True
        if is_closed:
            self.server.hung_up.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class ModelServer(ThreadingHTTPServer):
    """Answers one request after the other with the next of `replies`."""

    daemon_threads = True

    def __init__(self, replies: Sequence[Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.replies = replies
        self.requests: list[Request] = []
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def model_server(*replies: Reply) -> Iterator[ModelServer]:
    with ModelServer(replies) as server:
        thread = threading.Thread(target=server.serve_forever, name="model server")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def streaming(content: bytes, *, size: int = 10**9, pause: float = 0.0) -> Reply:
    """A reply with this content, in chunks of `size` bytes."""

    def reply(request: Request) -> None:
        request.begin()
        parts = [content[n : n + size] for n in range(0, len(content), size)]
        request.send(*parts, pause=pause)
        request.end()

    return reply


def refusing(status: int, body: str) -> Reply:
    def reply(request: Request) -> None:
        request.begin(status, "application/json")
        request.send(body.encode())
        request.end()

    return reply


def breaking_off(content: bytes, at: threading.Event) -> Reply:
    """A reply whose connection is lost at that moment."""

    def reply(request: Request) -> None:
        request.begin()
        request.send(content)
        at.wait(PATIENCE)

    return reply


def hanging(content: bytes) -> Reply:
    """A reply that goes silent, until the browser hangs up."""

    def reply(request: Request) -> None:
        request.begin()
        request.send(content)
        request.wait_closed()

    return reply
