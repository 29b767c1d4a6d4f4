"""A model server on this machine: recorded answers, streamed in the worst pieces, to pages of any origin."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

TEXTS = ["Es ist ", "fünf nach ", "½12 … ", "🕚", " Uhr"]
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def chunk(text: str = "", **more: Any) -> str:
    found = {"choices": [{"index": 0, "delta": {"content": text}}]} | more
    return f"data: {json.dumps(found, ensure_ascii=False)}\n\n"


ANSWER = "".join([chunk(text) for text in TEXTS]) + (
    chunk(usage={"prompt_tokens": 11, "completion_tokens": 5}) + "data: [DONE]\n\n"
)


class Model(ThreadingHTTPServer):
    """The first part of the path says how it answers; see `Handler.answer`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.heard = Event()  # a page has asked for /heard
        self.hung_up = Event()  # a page has closed the connection of an answer
        self.requests: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Model

    def do_OPTIONS(self) -> None:
        self.begin(204, "text/plain", {"Content-Length": "0"})

    def do_GET(self) -> None:
        self.server.heard.set()
        self.begin(204, "text/plain", {"Content-Length": "0"})

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(
            {"key": self.headers["Authorization"], "body": json.loads(content)}
        )
        self.close_connection = True
        getattr(self, self.path.split("/")[1])()

    def answer(self) -> None:
        """Byte by byte."""
        self.begin()
        self.send(*[bytes([each]) for each in ANSWER.encode()])
        self.send(b"")

    def waiting(self) -> None:
        """The second word when the first one was heard."""
        self.begin()
        self.send(chunk("Es ist ").encode())
        self.server.heard.wait()
        self.send(chunk("spät").encode(), b"data: [DONE]\n\n", b"")

    def hanging(self) -> None:
        """One word, and no more until the page hangs up."""
        self.begin()
        self.send(chunk("Half").encode())
        try:
            self.rfile.read(1)
        except OSError:
            pass
        self.server.hung_up.set()

    def breaking(self) -> None:
        """When a word was heard, half a character, and the connection is gone."""
        self.begin()
        self.send(chunk("Half").encode())
        self.server.heard.wait()
        self.send("data: ½".encode()[:-1])

    def refusing(self) -> None:
        body = b'{"error": {"message": "bad key"}}'
        self.begin(401, "application/json", {"Content-Length": f"{len(body)}"})
        self.wfile.write(body)

    def begin(self, status: int = 200, type: str = "text/event-stream", more: Any = None) -> None:
        self.send_response(status)
        headers = CORS | {"Content-Type": type} | (more or {"Transfer-Encoding": "chunked"})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@contextmanager
def model_server() -> "Iterator[Model]":
    with Model() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.heard.set()
        server.shutdown()
        thread.join()
