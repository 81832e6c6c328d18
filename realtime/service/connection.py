"""Server connections that use little memory, send what is framed once for all, and are bounded."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

log = logging.getLogger(__name__)

SEND_BUFFER_BYTES: Final = 64 * 1024
"""What the kernel may hold for one client. Its own limit grows to megabytes, which a slow client
would see as telemetry that is long out of date."""

RESERVED_FILES: Final = 256
"""Files that cameras, models, recordings and the libraries may open beside the connections."""

MOST_CONNECTIONS: Final = 16_384

_TEXT: Final = 0x81
_ONE_BYTE: Final = 125
_TWO_BYTES: Final = 0xFFFF


class Connections:
    """Every open connection, up to a limit.

    When it is full, the connection that has been asking longest without being admitted makes
    room for the next one; where all are admitted, the next one is dropped.

    Parameters
    ----------
    most
        The limit; by default what the system lets this process open, less a reserve.
    dropped
        Called for each connection that is dropped.
    """

    def __init__(self, most: int | None = None, dropped: Callable[[], None] = lambda: None) -> None:
        self._most = _most_connections() if most is None else most
        self._dropped = dropped
        self._open: set[ServerConnection] = set()
        # dicts keep the order in which they were filled
        self._asking: dict[ServerConnection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: ServerConnection) -> None:
        """Note that a connection may stay."""
        self._asking.pop(connection, None)

    def abort_all(self) -> None:
        """End every connection without a goodbye."""
        for connection in list(self._open):
            connection.transport.abort()

    def add(self, connection: ServerConnection) -> None:
        """Take in a connection."""
        if len(self._open) >= self._most:
            self._dropped()
            oldest = next(iter(self._asking), connection)
            oldest.transport.abort()
            self.remove(oldest)
            if oldest is connection:
                return
        self._open.add(connection)
        self._asking[connection] = None

    def remove(self, connection: ServerConnection) -> None:
        """Forget a connection."""
        self._open.discard(connection)
        self._asking.pop(connection, None)


class EventConnection(ServerConnection):
    """A connection that can be written to without a task, as long as the client reads.

    Attributes
    ----------
    writable
        Set while what was written is leaving; frames are only written then.
    """

    writable: asyncio.Event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare the socket (asyncio calls it)."""
        self.writable = asyncio.Event()
        self.writable.set()
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def pause_writing(self) -> None:
        """Note that the client reads too slowly (asyncio calls it)."""
        self.writable.clear()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the client caught up (asyncio calls it)."""
        self.writable.set()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits to write (asyncio calls it)."""
        super().connection_lost(exc)
        # whoever waits finds that it is over
        self.writable.set()

    @property
    def is_open(self) -> bool:
        """True from the end of the handshake to the first word of a goodbye."""
        return self.state is State.OPEN and not self.transport.is_closing()

    def write_frame(self, frame: bytes) -> bool:
        """Write a frame if the client keeps up; tell whether it was written."""
        if not self.writable.is_set() or not self.is_open:
            return False
        self.transport.write(frame)
        return True


def tracked(registry: Connections, strange: Callable[[], None]) -> type[EventConnection]:
    """Return a connection class whose instances are in ``registry`` while their socket is open.

    That includes those that have not sent a request yet, which the library does not list.

    Parameters
    ----------
    registry
        Where they are noted.
    strange
        Called for each one that ended without ever sending a request.
    """

    class TrackedConnection(EventConnection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            registry.add(self)

        def connection_lost(self, exc: Exception | None) -> None:
            registry.remove(self)
            if self.request is None:
                strange()
            super().connection_lost(exc)

    return TrackedConnection


def text_frame(text: str) -> bytes:
    r"""Return a text message as a server sends it: one frame, not masked (RFC 6455, 5.2).

    It is the same for every client, so that it is made once.

    Examples
    --------
    >>> text_frame("Hello")
    b'\x81\x05Hello'
    """
    data = text.encode()
    if len(data) <= _ONE_BYTE:
        return bytes((_TEXT, len(data))) + data
    if len(data) <= _TWO_BYTES:
        return bytes((_TEXT, 126)) + len(data).to_bytes(2) + data
    return bytes((_TEXT, 127)) + len(data).to_bytes(8) + data


def _most_connections() -> int:
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource  # noqa: PLC0415 - there is none on Windows

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, files - RESERVED_FILES))
