"""The server behind the labelling page: on this machine only, for pages of its own."""

import asyncio
import errno
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from importlib.resources import files
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from engines.errors import UsageError
from offline.labelling.desk import Desk
from offline.labelling.pictures import Pictures
from offline.labelling.session import PageSession, Room
from offline.labelling.tapes import Tape
from offline.labelling.workers import Workers
from realtime.events.cloudevents import JsonValue
from realtime.live import LiveOptions
from realtime.service.guard import Guard
from realtime.service.pages import read_folder, respond

log = logging.getLogger(__name__)
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.WARNING)

HOST: Final = "127.0.0.1"
SOCKET_PATH: Final = "/label"
MAX_MESSAGE_BYTES: Final = 4096
GOODBYE_S: Final = 1.0
JOIN_S: Final = 5.0
SHARED: Final = ("/css/base.css", "/js/theme.js", "/icon.svg")
"""What the page takes from the dashboard."""


class LabelServer:
    """Serves the page on ``/`` and its connection on ``/label``, in a thread of its own.

    Parameters
    ----------
    tapes, desk
        The videos and their points.
    options
        The model that scores them, or None for no scores.
    out
        Name of the points' file, to be shown.
    port
        Where to listen; 0 takes a free one.

    Raises
    ------
    UsageError
        From :meth:`start`, if the port is in use.
    """

    def __init__(
        self, tapes: list[Tape], desk: Desk, options: LiveOptions | None, out: str, port: int
    ) -> None:
        self._tapes = tapes
        self._workers = Workers(tapes, options)
        self._guard = Guard(HOST)
        self._port = port
        self._pages = _pages()
        self._connections: set[ServerConnection] = set()
        self._readers = ThreadPoolExecutor(2, "fes-frames")
        self._writer = ThreadPoolExecutor(1, "fes-points")
        self._room = Room(
            tapes=tapes,
            desk=desk,
            pictures=Pictures([tape.film for tape in tapes]),
            about={"videos": [_about(tape) for tape in tapes], "out": out},
            watch=self._workers.watch,
            tell_all=lambda text: broadcast(self._connections, text),
            readers=self._readers,
            writer=self._writer,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{HOST}:{self._port}/"

    def start(self) -> Self:
        """Listen, and start to read and score; return once the page can be opened."""
        ready: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main(ready)), name="fes-label", daemon=True
        )
        self._thread.start()
        try:
            self._port = ready.result()
        except OSError as error:
            raise UsageError(_cannot_listen(self._port, error)) from error
        self._workers.start()
        return self

    def close(self) -> None:
        """Say goodbye to the pages and stop; points are on disk already."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._loop = None
        if self._thread is not None:
            self._thread.join(JOIN_S)
        self._workers.close()
        for pool in (self._readers, self._writer):
            pool.shutdown(cancel_futures=True)
        for tape in self._tapes:
            tape.film.close()

    async def _main(self, ready: "Future[int]") -> None:
        try:
            server = await serve(
                self._serve,
                HOST,
                self._port,
                process_request=self._answer,
                compression=None,
                server_header=None,
                max_size=MAX_MESSAGE_BYTES,
                close_timeout=GOODBYE_S,
                logger=_wire_log,
            )
        except Exception as error:
            # start() raises it in the caller's thread
            ready.set_exception(error)
            return
        self._loop = asyncio.get_running_loop()
        ready.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()
        await server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        self._connections.add(connection)
        try:
            await PageSession(connection, self._room).run()
        finally:
            self._connections.discard(connection)

    def _answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        """Return a page or a refusal, or None to go on with the WebSocket handshake."""
        path = urlsplit(request.path).path
        if path != SOCKET_PATH:
            found = self._pages.get(path)
            if found is None:
                return respond(HTTPStatus.NOT_FOUND, "no such page\n")
            return respond(HTTPStatus.OK, *found)
        headers = request.headers
        if not self._guard.allows_origin(headers.get("Origin"), headers.get("Host", "")):
            return respond(HTTPStatus.FORBIDDEN, "this origin may not label\n")
        return None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _pages() -> dict[str, tuple[bytes, str]]:
    found = read_folder(files("offline.labelling") / "page")
    dashboard = read_folder(files("realtime") / "dashboard")
    found |= {path: dashboard[path] for path in SHARED}
    found["/"] = found["/index.html"]
    return found


def _about(tape: Tape) -> dict[str, JsonValue]:
    return {
        "name": tape.name,
        "file": tape.path.name,
        "width": tape.info.width,
        "height": tape.info.height,
        "rate_hz": tape.info.rate_hz,
        "frames": tape.info.frames,
    }


def _cannot_listen(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"cannot serve the page on port {port}: it is in use; choose another with --port"
    return f"cannot serve the page on port {port}: {error.strerror}; choose another with --port"
