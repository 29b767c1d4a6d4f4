"""A static web server for pages that boot Python in the browser.

Every answer isolates its page (`Cross-Origin-Opener-Policy`, `Cross-Origin-Embedder-Policy`), as
PyScript workers require, and may be read by a sandboxed frame (`Access-Control-Allow-Origin`).
Browsers ask again for pages and wheels, and keep the runtimes below `node_modules`.
"""

import argparse
import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

WEB = Path(__file__).resolve().parent
HOST = "127.0.0.1"
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Handler(SimpleHTTPRequestHandler):
    """Answers from the folder of the longest prefix in `mounts` that the address starts with."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".py": "text/x-python",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def __init__(self, *args: Any, mounts: Mapping[str, Path], **kwargs: Any) -> None:
        self.mounts = mounts
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        prefix = max((p for p in self.mounts if path.startswith(p)), key=len)
        self.directory = str(self.mounts[prefix])
        return super().translate_path(path[len(prefix) - 1 :])

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        # "no-store" would keep pages out of the browser's page cache (back and forward).
        fixed = self.path.startswith("/node_modules/")
        self.send_header(
            "Cache-Control", "public, max-age=31536000, immutable" if fixed else "no-cache"
        )
        super().end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of what went well; errors go through `log_error`."""


class Server(ThreadingHTTPServer):
    """Serves `mounts`, a folder for each address prefix that starts and ends with a slash."""

    daemon_threads = True

    def __init__(self, mounts: Mapping[str, Path], port: int) -> None:
        super().__init__((HOST, port), partial(Handler, mounts=mounts))

    @property
    def url(self) -> str:
        """The server's address, with no slash at its end."""
        return f"http://{HOST}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A page that reloads drops the answers it was waiting for.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve(mounts: Mapping[str, Path], port: int = 0) -> Iterator[Server]:
    """A running server; `port=0` takes any free port."""
    with Server(mounts, port) as server:
        thread = Thread(target=server.serve_forever, name="web server")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def first_free(mounts: Mapping[str, Path], port: int) -> Server:
    """A server on `port`, or on the next of twenty that is free."""
    for candidate in range(port, port + 20):
        try:
            return Server(mounts, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise SystemExit(f"no free port from {port} to {port + 19}; give another with --port")


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the demo.")
    parser.add_argument("--port", type=int, default=8000, help="or the next free one; 0 for any")
    with first_free({"/": WEB}, parser.parse_args().port) as server:
        print(f"The demo is at {server.url}/ - stop it with Ctrl-C", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
