"""A way to a service that can be cut, and a client that is read for as long as a test wants."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from realtime.client import Envelope, EventClient, Missed, Restarted
from realtime.client.client import Item

WAIT_S = 60.0


def take(client: EventClient, enough: Callable[[list[Item]], bool]) -> list[Item]:
    """Read until there is enough."""

    async def read() -> list[Item]:
        items: list[Item] = []
        async with asyncio.timeout(WAIT_S):
            async for item in client:
                items.append(item)
                if enough(items):
                    return items
        raise AssertionError("the iteration ended")

    return asyncio.run(read())


def sequences(items: list[Item]) -> list[int]:
    """The numbers of the events, in the order in which they came."""
    numbers = (item.sequence for item in items if isinstance(item, Envelope))
    return [number for number in numbers if number is not None]


def types(items: list[Item]) -> list[str]:
    return [item.type if isinstance(item, Envelope) else type(item).__name__ for item in items]


def notices(items: list[Item]) -> list[Missed | Restarted]:
    return [item for item in items if isinstance(item, Missed | Restarted)]


def up_to(number: int) -> Callable[[list[Item]], bool]:
    return lambda items: number in sequences(items[-1:])


class Cable:
    """Passes bytes on to a port of this machine until it is cut; new connections work again."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End every connection as a pulled plug would: without a goodbye."""
        with self._lock:
            for sock in self._open:
                # it may be gone already
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._open += [near, far]
                self.connections += 1
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> None:
        try:
            while piece := one.recv(65536):
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return
