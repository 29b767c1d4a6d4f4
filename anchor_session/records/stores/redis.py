"""Records in a Redis server: for several processes, on several machines, as long as the server has them.

One record is the text of one key, ``{prefix}{id}``. The server's own expiry ends its life, by its clock.
"""

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...errors import StorageError, StorageUnavailableError, StoreClosedError
from ..store import Ids, Store
from .redis_clients import Clients

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

INSTALL = 'pip install "anchor-session[redis]"'
SECONDS = 5
"""How long the server may take to connect or to answer, unless the URL says otherwise."""
CONNECTIONS = 50
"""How many connections an event loop has at most, unless the URL says otherwise."""
STEP = 1000
"""About how many keys the server looks at in one step of a list, between other clients' commands."""

_NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
_SPECIAL = {ord(sign): f"\\{sign}" for sign in "\\*?[]^-"}


class RedisStore(Store):
    """Records under a prefix of a server, by the package `redis`.

    `url` is what the driver takes, ``redis://user:password@host:port/0``, ``rediss://`` or ``unix://``, with
    its options behind a ``?``, such as ``socket_timeout=30`` or ``max_connections=100``. The `prefix` ends in
    a character that no id has, such as ``:``, so that no prefix reaches what lies under another one.

    Nothing is connected before the first call. A server that cannot be reached raises
    `StorageUnavailableError`, and the next call tries again. Each event loop has connections of its own,
    which end with it: the same store serves several, one after the other or in several threads.
    """

    def __init__(self, url: str, prefix: str = "session:") -> None:
        super().__init__()
        if not isinstance(prefix, str):
            raise TypeError(f"a prefix is text, not {type(prefix).__name__}")
        if not prefix or prefix[-1] in _NAMES:
            raise ValueError(
                f"the prefix {prefix!r} has to end in a character that no id has, such as ':':"
                " others' keys could be taken for records"
            )
        self._prefix = prefix.encode()
        self._pattern = (prefix.translate(_SPECIAL) + "*").encode()
        try:
            import redis.asyncio
        except ImportError as error:
            raise ImportError(
                f"RedisStore needs the package redis: {INSTALL}", name="redis"
            ) from error
        self._driver = redis
        parts: Any = redis.asyncio.connection.parse_url(url)
        self._limit = parts.get("max_connections", CONNECTIONS)
        if self._limit < 1:
            raise ValueError(f"max_connections in the URL is one or more, not {self._limit}")
        self._server = _shown(parts)
        self._parts = parts
        self._clients = Clients(self._connect)

    def _connect(self) -> "Connections":
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        options = {
            "socket_timeout": SECONDS,
            "socket_connect_timeout": SECONDS,
            "protocol": 2,
            # Once at once, for a connection that the server ended while nobody used it.
            "retry": Retry(NoBackoff(), 1),
            **self._parts,
            "decode_responses": False,  # a URL that other programs use too may say otherwise
        }
        pool = ConnectionPool(**options)
        return Connections(pool, self._limit)

    async def _read(self, id: str) -> "bytes | None":
        found: bytes | None = await self._ask(id, "GET", self._prefix + id.encode())
        return found

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        key = self._prefix + id.encode()
        if ttl is None:
            await self._ask(id, "SET", key, text.encode())
        else:
            await self._ask(id, "SET", key, text.encode(), "PX", math.ceil(ttl * 1000))

    async def _remove(self, id: str) -> None:
        await self._ask(id, "DEL", self._prefix + id.encode())

    async def _ids(self) -> Ids:
        keys: set[bytes] = set()  # the server may name one twice
        cursor = 0
        while True:
            cursor, some = await self._ask(
                "", "SCAN", cursor, "MATCH", self._pattern, "COUNT", STEP
            )
            keys.update(some)
            if not cursor:
                break
        return [key[len(self._prefix) :].decode("ascii", "replace") for key in keys]

    async def _close(self) -> None:
        await self._clients.close()

    def _where(self, id: str) -> str:
        return f"{self._prefix.decode()}{id}"

    async def _ask(self, id: str, *command: Any) -> Any:
        """The server's answer to a command that concerns the record."""
        self._check_open()  # between two steps of a list too
        client = self._clients.find() or await self._clients.open()
        try:
            return await client.ask(command)
        except self._driver.RedisError as error:
            raise self._named(error, self._where(id)) from error

    def _named(self, error: Exception, key: str) -> Exception:
        errors = self._driver.exceptions
        if isinstance(error, errors.ResponseError) and str(error).startswith("WRONGTYPE"):
            return ValueError("something else than text is stored there")
        if isinstance(error, (errors.ConnectionError, errors.TimeoutError)):
            return StorageUnavailableError(
                f"{self._server} cannot be reached for `{key}`: {error}; is it running, and is this"
                " its address?",
                key=key,
            )
        return StorageError(f"{self._server} refused `{key}`: {error}", key=key)


class Connections:
    """The connections of one event loop. At most `limit` are in use, further calls wait for one."""

    def __init__(self, pool: "ConnectionPool", limit: int) -> None:
        from asyncio import Event, Semaphore

        from redis.asyncio import Redis

        self._client = Redis.from_pool(pool)
        # Its own pool that waits takes a fifth longer for each call.
        self._free = Semaphore(limit)
        self._used = 0
        self._is_closing = False
        self._unused = Event()

    async def ask(self, command: "tuple[Any, ...]") -> Any:
        """The answer to a command."""
        async with self._free:
            if self._is_closing:
                raise StoreClosedError("this RedisStore was closed meanwhile")
            self._used += 1
            try:
                return await self._client.execute_command(*command)  # type: ignore[no-untyped-call]
            finally:
                self._used -= 1
                if self._is_closing and not self._used:
                    self._unused.set()

    async def aclose(self) -> None:
        """Close them all, once those in use have their answer: the driver would connect them again."""
        self._is_closing = True
        try:
            if self._used:
                await self._unused.wait()
        finally:
            await self._client.aclose()


def _shown(parts: Any) -> str:
    """The address without user and password."""
    path = parts.get("path")
    if path is not None:
        return f"unix://{quote(path)}"
    host = parts.get("host", "localhost")
    place = f"[{host}]" if ":" in host else host
    return f"redis://{place}:{parts.get('port', 6379)}/{parts.get('db', 0)}"
