"""One client's connection, from its first message to its goodbye."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from engines.errors import FesError
from realtime.events.cloudevents import seal
from realtime.events.messages import EventData
from realtime.service.connection import EventConnection, text_frame
from realtime.service.doorkeeper import Doorkeeper
from realtime.service.guard import Guard, Resume, read_connect, read_since
from realtime.service.hub import Client, Hub
from realtime.service.marking import MarkTaker, Pace, read_mark
from realtime.service.metrics import Metrics, Refusal

log = logging.getLogger(__name__)

TOKEN_TIMEOUT_S: Final = 10.0
STALLED_S: Final = 60.0
"""How long a client may read nothing of what waits for it. Events alone would not tell: where
nobody shows a face there may be none for hours."""

GOODBYE_TIMEOUT_S: Final = 10.0
"""How long a client that overflowed has to read up to its goodbye."""


class RefusedError(Exception):
    """A client that may not go on; its text is the reason that the client gets."""

    def __init__(self, why: Refusal, text: str) -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True)
class House:
    """What every session shares.

    Attributes
    ----------
    hub
        The stream.
    guard, doorkeeper
        Who may follow it.
    metrics
        Counts who does.
    admitted
        Told of each connection that may stay.
    take_mark
        Takes what clients mark, or None.
    """

    hub: Hub
    guard: Guard
    doorkeeper: Doorkeeper
    metrics: Metrics
    admitted: Callable[[EventConnection], None]
    take_mark: MarkTaker | None = None


def read_query(path: str) -> Resume:
    """Read ``since`` and ``stream`` from a request's path.

    Raises
    ------
    ValueError
        If ``since`` is not a whole number from 0.
    """
    query = parse_qs(path.partition("?")[2], max_num_fields=8, keep_blank_values=True)
    return Resume(
        since=read_since(query.get("since", [None])[-1]),
        stream=query.get("stream", [None])[-1],
    )


class Session:
    """Serves one connection."""

    def __init__(self, connection: EventConnection, house: House) -> None:
        self._connection = connection
        self._house = house
        self._hub = house.hub

    async def run(self) -> None:
        """Serve until either side ends it."""
        try:
            resume = await self._admit()
            self._house.admitted(self._connection)
            await self._follow(resume)
        except RefusedError as refusal:
            self._house.metrics.refused(refusal.why)
            await self._close(CloseCode.POLICY_VIOLATION, str(refusal))
        except ConnectionClosed:
            log.debug("a client went away")

    async def _admit(self) -> Resume:
        request = self._connection.request
        resume = read_query(request.path if request else "")
        if self._house.guard.token is None:
            return resume
        try:
            async with asyncio.timeout(TOKEN_TIMEOUT_S):
                message = await self._connection.recv()
                token, resume = read_connect(message, resume)
                right = await self._house.doorkeeper.admits(self._address(), token)
        except TimeoutError as error:
            raise RefusedError(Refusal.SILENT, "no token came") from error
        except ValueError as error:
            raise RefusedError(Refusal.MESSAGE, str(error)) from error
        if not right:
            raise RefusedError(Refusal.TOKEN, "wrong token")
        return resume

    def _address(self) -> str:
        return address_of(self._connection)

    async def _follow(self, resume: Resume) -> None:
        gone = asyncio.create_task(self._listen())
        try:
            await _first(gone, self._hub.started.wait())
            if not gone.done():
                await self._stream(gone, resume)
        finally:
            gone.cancel()

    async def _stream(self, gone: asyncio.Task[None], resume: Resume) -> None:
        client, hello, snapshot = self._hub.join(resume, self._connection.write_frame)
        self._house.metrics.admitted()
        try:
            await _first(gone, self._pump(client, hello, snapshot), client.overflowed.wait())
        finally:
            self._hub.leave(client)
        if client.overflowed.is_set() and not gone.done():
            self._house.metrics.overflowed()
            await self._close(CloseCode.TRY_AGAIN_LATER, "too slow: resume with since")

    async def _listen(self) -> None:
        """Read on, so that a goodbye is seen; of what a client says, only marks are taken."""
        pace = Pace()
        with contextlib.suppress(ConnectionClosed):
            async for text in self._connection:
                if self._house.take_mark is not None and pace.allows():
                    await self._mark(text, self._house.take_mark)

    async def _mark(self, text: str | bytes, take: MarkTaker) -> None:
        try:
            kind, time_s, source = read_mark(text)
            # it ends on the disk, which may take its time
            await asyncio.to_thread(take, kind, time_s, source)
        except ValueError as error:
            log.debug("a mark is not taken: %s", error)
        except FesError as error:
            log.warning("a mark is not taken: %s", error)

    async def _pump(self, client: Client, *opening: EventData) -> None:
        """Write what the client lacks at its own pace; the hub does the rest while it is idle."""
        for number, data in enumerate(opening):
            await self._write(text_frame(self._seal(data, number)))
        while self._connection.is_open:
            client.news.clear()
            try:
                while (frame := self._hub.take(client)) is not None:
                    await self._write(frame)
            except TimeoutError:
                client.overflowed.set()
            await client.news.wait()

    async def _write(self, frame: bytes) -> None:
        while not self._connection.write_frame(frame):
            async with asyncio.timeout(STALLED_S):
                await self._connection.writable.wait()
            if not self._connection.is_open:
                # its reader sees the goodbye, which ends the session
                await self._connection.wait_closed()
                return
        # a long replay must let the others have their turn
        await asyncio.sleep(0)

    def _seal(self, data: EventData, number: int) -> str:
        source = self._hub.hello.source if self._hub.hello else ""
        identity = f"{self._connection.id}-{number}"
        return seal(data, identity=identity, source=source, time=datetime.now(UTC)).text

    async def _close(self, code: CloseCode, reason: str) -> None:
        try:
            async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                await self._connection.close(code, reason)
        except TimeoutError:
            self._connection.transport.abort()


async def _first(gone: asyncio.Task[None], *others: Coroutine[object, object, object]) -> None:
    """Run the others until one of them ends or the client is gone, then cancel what is left."""
    tasks = [asyncio.create_task(other) for other in others]
    try:
        await asyncio.wait([gone, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, ConnectionClosed):
            raise result


def address_of(connection: ServerConnection) -> str:
    """Return the network address of a client, or nothing where it is gone."""
    known = connection.remote_address
    return str(known[0]) if known else ""
