"""The redis-server that tests and benchmarks talk to: a real one, found or else installed.

It has a free port of its own, listens to this machine alone, and stores nothing on disk. The environment
variable `ANCHOR_REDIS` names another program than the one on the `PATH`.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

REMEDY = (
    "these tests need a real redis-server, and there is none; on Debian: apt-get install redis-server"
    " (as root, `make redis` does it), or set ANCHOR_REDIS to the path of one"
)
PORTS = range(10_000, 30_000)
STARTS = 5
"""How often a server is started: another program may take a free port before the server does."""


def find() -> Path | None:
    """The server's program, if there is one."""
    if named := os.environ.get("ANCHOR_REDIS"):
        path = shutil.which(named)
        if path is None:
            raise SystemExit(f"ANCHOR_REDIS names no program: {named}")
        return Path(path)
    path = shutil.which("redis-server")
    return Path(path) if path else None


def ensure() -> Path:
    """The program's path, after installing it where that can be done; `SystemExit` says what to do."""
    found = find()
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "redis-server"]):
            print(f"Installing a Redis: {' '.join(command)}", flush=True)
            subprocess.run(
                command,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=False,
            )
        found = find()
    if found is None:
        raise SystemExit(REMEDY)
    return found


class RedisServer:
    """One server, running inside `with`; what it holds is gone when it ends.

    `kill` is the end without warning, after which `start` begins anew on the same port, empty.
    """

    def __init__(self) -> None:
        self.port = 0
        self._directory = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "it does not run"
        return self._process.pid

    def __enter__(self) -> "RedisServer":
        if find() is None:
            raise AssertionError(REMEDY)
        self._directory = tempfile.mkdtemp(prefix="anchor-redis-")
        for _ in range(STARTS):
            self.port = _free_port()
            if self._try_to_start():
                return self
        shutil.rmtree(self._directory)
        raise AssertionError("redis-server does not start: no port could be had")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        shutil.rmtree(self._directory)

    def start(self) -> None:
        """Start again after `kill`, where it was."""
        assert self._process is None, "it runs already"
        assert self._try_to_start(), f"redis-server does not start again at port {self.port}"

    def kill(self) -> None:
        """End it by SIGKILL, and wait for that."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _try_to_start(self) -> bool:
        """Start it and wait until it answers; False if it ended instead."""
        program = find()
        assert program is not None, REMEDY
        settings = ["--port", str(self.port), "--bind", "127.0.0.1", "--daemonize", "no"]
        settings += ["--save", "", "--appendonly", "no", "--dir", self._directory]
        process = subprocess.Popen(
            [program, *settings],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        # What it says later are a few lines, which a pipe holds unread.
        if any("Ready to accept connections" in line for line in process.stdout):
            self._process = process
            return True
        process.communicate()
        return False


def _free_port() -> int:
    """A port that nobody listens to. The system gives none of these to a client, so a killed server finds it
    free again; which one it is depends on no seed, which tests in several processes share."""
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


if __name__ == "__main__":
    ensure()
