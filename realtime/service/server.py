"""The event service: a WebSocket server in a thread of its own."""

import asyncio
import errno
import logging
import ssl
import threading
from collections.abc import Collection
from concurrent.futures import Future
from types import TracebackType
from typing import Final, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from engines.errors import UsageError
from realtime.events.cloudevents import SUBPROTOCOL, Envelope, JsonValue
from realtime.service.connection import Connections, EventConnection, tracked
from realtime.service.doorkeeper import Doorkeeper
from realtime.service.guard import Guard
from realtime.service.hub import HISTORY, QUEUE, Hub
from realtime.service.marking import MarkTaker
from realtime.service.metrics import Metrics, Refusal
from realtime.service.pages import Pages
from realtime.service.reception import EVENTS_PATH, Reception, select_subprotocol
from realtime.service.session import House, Session
from realtime.service.tls import Certificate, follow, make_context

log = logging.getLogger(__name__)
# The library logs every message at DEBUG, a client's token among them.
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.WARNING)

DEFAULT_PORT: Final = 8765
MAX_MESSAGE_BYTES: Final = 4096
WRITE_LIMIT_BYTES: Final = 16 * 1024
HANDSHAKE_S: Final = 10.0
"""How long a client has for TLS, and how long for its request."""
BACKLOG: Final = 1024
"""Connections that the system holds until they are taken: after a restart all come at once."""

DRAIN_S: Final = 0.3
GOODBYE_S: Final = 0.4
JOIN_S: Final = 2.0
_MAX_PORT: Final = 65535


class EventServer:
    """Serves events on ``/events``, the dashboard on ``/``, ``/healthz`` and ``/metrics``.

    It is a :class:`realtime.events.publisher.Sink`: give it to a ``Publisher``. Clients that
    come before the stream's hello wait for it.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    token, insecure, origins
        See :class:`realtime.service.guard.Guard`.
    history, queue
        Events kept for clients that resume, and events that a client may lag behind.
    take_mark
        Called, from other threads, with what a client marks; None where marks are not taken.
    certificate
        For TLS, or None for plain text.

    Attributes
    ----------
    metrics
        What ``/metrics`` tells; give ``metrics.heard`` to the pipeline's stopwatch.

    Raises
    ------
    UsageError
        If the address is open to others without a token and TLS, the port is not one, or the
        certificate cannot be used.

    Examples
    --------
    >>> with EventServer(port=0) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        token: str | None = None,
        insecure: bool = False,
        origins: Collection[str] = (),
        history: int = HISTORY,
        queue: int = QUEUE,
        take_mark: MarkTaker | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        if not 0 <= port <= _MAX_PORT:
            raise UsageError(f"--port: {port} is not a port; give one from 0 to {_MAX_PORT}")
        self._guard = Guard(host, token, insecure, frozenset(origins), certificate is not None)
        self._port = port
        self._hub = Hub(history, queue)
        self.metrics = Metrics(self._hub.look, lambda: self.clients)
        self._certificate = certificate
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = make_context(certificate)
            self.metrics.certificate(certificate.expires())
        self._doorkeeper = Doorkeeper(self._guard)
        self._connections = Connections(dropped=lambda: self.metrics.refused(Refusal.FULL))
        self._take_mark = take_mark
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def clients(self) -> int:
        """Number of clients that follow the stream."""
        return len(self._hub.clients)

    @property
    def url(self) -> str:
        """Address of the dashboard, with the port that is really used."""
        host = f"[{self._guard.host}]" if ":" in self._guard.host else self._guard.host
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{host or '127.0.0.1'}:{self._port}/"

    @property
    def events_url(self) -> str:
        """Address for WebSocket clients."""
        return self.url.replace("http", "ws", 1).rstrip("/") + EVENTS_PATH

    def start(self) -> Self:
        """Listen, and return once clients can connect.

        Raises
        ------
        UsageError
            If the port is in use or the address cannot be listened on.
        """
        ready: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main(ready)), name="fes-events", daemon=True
        )
        self._thread.start()
        try:
            self._port = ready.result()
        except OSError as error:
            raise UsageError(_cannot_listen(self._guard.host, self._port, error)) from error
        log.info("events and dashboard at %s", self.url)
        return self

    def write(self, envelope: Envelope) -> None:
        """Hand one envelope to every client, without waiting for any; callable anywhere.

        After :meth:`close` there is nobody left, and nothing happens.
        """
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._accept, envelope)
            elif self._thread is None:
                self._accept(envelope)

    def close(self) -> None:
        """Send what is waiting, say goodbye (1001) and stop, within about a second."""
        with self._lock:
            if self._loop is not None and self._stop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
            self._loop = None
        if self._thread is not None:
            self._thread.join(JOIN_S)

    async def _main(self, ready: "Future[int]") -> None:
        self._stop = asyncio.Event()
        try:
            server = await self._listen()
        except Exception as error:
            # start() raises it in the caller's thread
            ready.set_exception(error)
            return
        with self._lock:
            self._loop = asyncio.get_running_loop()
        ready.set_result(server.sockets[0].getsockname()[1])
        async with follow(self._certificate, self._tls, self.metrics.certificate):
            await self._stop.wait()
        await self._shut_down(server)

    def _accept(self, envelope: Envelope) -> None:
        self.metrics.sent(envelope)
        self._hub.accept(envelope)

    async def _listen(self) -> Server:
        reception = Reception(self._guard, self._doorkeeper, Pages(self._health), self.metrics)
        return await serve(
            self._serve_client,
            self._guard.host or None,
            self._port,
            process_request=reception.answer,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            select_subprotocol=select_subprotocol,
            compression=None,
            server_header=None,
            open_timeout=HANDSHAKE_S,
            max_size=MAX_MESSAGE_BYTES,
            write_limit=WRITE_LIMIT_BYTES,
            logger=_wire_log,
            create_connection=tracked(
                self._connections, lambda: self.metrics.refused(Refusal.HANDSHAKE)
            ),
            backlog=BACKLOG,
            ssl=self._tls,
            ssl_handshake_timeout=None if self._tls is None else HANDSHAKE_S,
        )

    async def _serve_client(self, connection: ServerConnection) -> None:
        if not isinstance(connection, EventConnection):
            raise TypeError(f"a connection of class {type(connection).__name__}")
        house = House(
            self._hub,
            self._guard,
            self._doorkeeper,
            self.metrics,
            self._connections.admit,
            self._take_mark,
        )
        await Session(connection, house).run()

    async def _shut_down(self, server: Server) -> None:
        """Give clients a moment each for the last events and for their goodbye."""
        await _settle(DRAIN_S, self._hub)
        server.close()
        try:
            async with asyncio.timeout(GOODBYE_S):
                await server.wait_closed()
        except TimeoutError:
            log.debug("some clients did not answer the goodbye")
        self._connections.abort_all()
        await asyncio.sleep(0)

    def _health(self) -> dict[str, JsonValue]:
        return {
            "status": "ok",
            "stream": self._hub.stage,
            "sequence": self._hub.latest,
            "clients": self.clients,
            "token_needed": self._guard.token is not None,
        }

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


async def _settle(seconds: float, hub: Hub) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not hub.all_read:
                await asyncio.sleep(0.01)
    except TimeoutError:
        log.debug("some clients did not read the last events")


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    where = f"{host or 'every address'}, port {port}"
    if error.errno == errno.EADDRINUSE:
        return f"cannot serve events on {where}: it is in use; choose another with --port"
    return f"cannot serve events on {where}: {error.strerror}; choose another --host or --port"
