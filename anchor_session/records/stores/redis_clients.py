"""A client of a driver for each event loop, since connections belong to the loop that opened them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class Closing(Protocol):
    def aclose(self) -> Awaitable[object]: ...


Client = TypeVar("Client", bound=Closing)


class Clients(Generic[Client]):
    """Makes a client when a loop first wants one, and closes it when that loop ends.

    To hear of the end, each client is held by an asynchronous generator: a loop that ends (`asyncio.run` sees
    to it, and so do servers) has all generators that were begun in it run to their end.
    """

    def __init__(self, make: Callable[[], Client]) -> None:
        from asyncio import get_running_loop

        self._make = make
        self._running = get_running_loop
        self._clients: dict[AbstractEventLoop, Client] = {}
        self._holders: dict[AbstractEventLoop, AsyncGenerator[Client]] = {}

    def find(self) -> "Client | None":
        """The running loop's client, if it has one."""
        return self._clients.get(self._running())

    async def open(self) -> Client:
        """A client for the running loop. Nothing else runs in it meanwhile."""
        for other in list(self._clients):
            if other.is_closed():  # it ended without telling its generators
                self._forget(other)
        loop = self._running()
        holder = self._holders[loop] = self._hold(loop)
        return await anext(holder)

    async def close(self) -> None:
        """Close the running loop's client now, those of others as soon as their loop comes to it."""
        here = self._running()
        for loop, holder in list(self._holders.items()):
            if loop is here:
                await holder.aclose()
            elif loop.is_closed():
                self._forget(loop)
            else:
                loop.call_soon_threadsafe(_end, loop, holder)

    async def _hold(self, loop: "AbstractEventLoop") -> AsyncGenerator[Client]:
        client = self._clients[loop] = self._make()
        try:
            yield client
        finally:
            self._forget(loop)
            await client.aclose()

    def _forget(self, loop: "AbstractEventLoop") -> None:
        self._clients.pop(loop, None)
        self._holders.pop(loop, None)


def _end(loop: "AbstractEventLoop", holder: "AsyncGenerator[Client]") -> None:
    loop.create_task(_closing(holder))


async def _closing(holder: "AsyncGenerator[Client]") -> None:
    await holder.aclose()
