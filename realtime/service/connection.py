"""Server connections that use little memory and can be found again when the service stops."""

import asyncio
import socket
from typing import Final

from websockets.asyncio.server import ServerConnection

SEND_BUFFER_BYTES: Final = 64 * 1024
"""What the kernel may hold for one client. Its own limit grows to megabytes, which a slow client
would see as telemetry that is long out of date."""


def tracked(registry: set[ServerConnection]) -> type[ServerConnection]:
    """Return a connection class whose instances are in ``registry`` while their socket is open.

    That includes those that have not sent a request yet, which the library does not list.
    """

    class TrackedConnection(ServerConnection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            registry.add(self)
            sock = transport.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

        def connection_lost(self, exc: Exception | None) -> None:
            registry.discard(self)
            super().connection_lost(exc)

    return TrackedConnection
