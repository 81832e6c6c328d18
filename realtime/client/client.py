"""Events of a service as an asynchronous iterator that outlives every interruption."""

import asyncio
import json
import logging
import random
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from engines.errors import FesError, SourceError, UsageError
from realtime.client.address import events_address, with_resume
from realtime.client.notices import Notice
from realtime.client.place import Place
from realtime.client.reading import VersionError, read_envelope
from realtime.events.cloudevents import SUBPROTOCOL, Envelope
from realtime.events.messages import Hello, Snapshot

log = logging.getLogger(__name__)
# The library logs every message at DEBUG, the token among them.
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.WARNING)

LONGEST_WAIT_S: Final = 10.0
"""Longest wait between two tries; the first is half a second, and each doubles it."""

FIRST_WAIT_S: Final = 0.5
BEHIND_WAIT_S: Final = 0.2
MOST_BYTES: Final = 16 * 1024 * 1024

Item: TypeAlias = Envelope | Notice


class EventClient:
    """Follows one service: reconnects, resumes, and passes every event on once and in order.

    Iterate it, once. What comes is an :class:`realtime.events.cloudevents.Envelope`, whose
    ``data`` is one of :mod:`realtime.events.messages`, or a notice: ``Restarted`` where the
    service is another run than before, ``Missed`` where it no longer had events. Hello and
    snapshot come at the beginning and after a notice, not after each reconnection.

    Parameters
    ----------
    url
        Address of the dashboard or of the events.
    token
        What the service asks for, or None.
    since
        The last sequence that is already known; 0 for all that the service still holds; None to
        begin with what comes next.
    stream
        The ``source`` of the event that ``since`` counts, so that a restart is noticed.
    authority
        A PEM file that the service's certificate is checked with, such as its own certificate
        where it signed itself; None for the authorities of this machine.
    give_up_s
        How long a service may be away before ``SourceError`` is raised, s; None for ever.

    Attributes
    ----------
    place
        ``place.since`` and ``place.stream``: keep them to resume in another process.

    Raises
    ------
    UsageError
        If the address is none, or ``authority`` cannot be read.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        since: int | None = None,
        stream: str | None = None,
        authority: Path | None = None,
        give_up_s: float | None = None,
    ) -> None:
        self._address = events_address(url)
        self._token = token
        self._tls = _context(self._address, authority)
        self._give_up_s = give_up_s
        self.place = Place(since, stream)
        self._failures = self._asked = 0
        self._was_there = False
        self._away_since_s = time.monotonic()

    async def __aiter__(self) -> AsyncIterator[Item]:
        """Yield events and notices until the iteration is left.

        Raises
        ------
        UsageError
            If the service refuses the token, or its certificate is not trusted.
        SourceError
            If what answers is no such service, or speaks another version, or is away for longer
            than ``give_up_s``.
        """
        while True:
            try:
                # one generator, not several: they could not be closed together
                async with self._connect() as connection:
                    await self._say_token(connection)
                    go_on = True
                    while go_on:
                        items, go_on = self._read(str(await connection.recv()))
                        for item in items:
                            yield item
                await self._ask_again()
            except ConnectionClosed as goodbye:
                await self._wait_after(goodbye)
            except (OSError, InvalidHandshake, TimeoutError, EOFError) as error:
                await self._wait(self._judge(error))

    def blocking(self) -> Iterator[Item]:
        """Yield the same in a program without an event loop.

        Between two items the connection rests: who takes longer than half a minute for one is
        disconnected meanwhile, and resumes.
        """
        with asyncio.Runner() as runner:
            items = aiter(self)
            while True:
                # a coroutine of its own, because a runner takes nothing else
                yield runner.run(_next(items))

    def _connect(self) -> connect:
        return connect(
            with_resume(self._address, self.place.since, self.place.stream),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            max_size=MOST_BYTES,
            proxy=None,
            logger=_wire_log,
            ssl=self._tls,
        )

    async def _say_token(self, connection: ClientConnection) -> None:
        if self._token is not None:
            await connection.send(json.dumps({"token": self._token}))

    def _read(self, text: str) -> tuple[list[Item], bool]:
        envelope = self._parse(text)
        data = envelope.data
        if isinstance(data, Hello):
            items, go_on = self.place.greet(envelope, data)
            if go_on:
                log.info("following %s at %s", data.source, self._address)
            return items, go_on
        if isinstance(data, Snapshot):
            self._failures, self._asked, self._was_there = 0, 0, True
            return self.place.settle(envelope, data), True
        return self.place.take(envelope), True

    def _parse(self, text: str) -> Envelope:
        try:
            return read_envelope(text)
        except VersionError as error:
            raise SourceError(f"{self._address} {error}") from error
        except ValueError as error:
            raise SourceError(
                f"{self._address} sent what is no event ({error}): is it a fes service of this "
                "release?"
            ) from error

    async def _ask_again(self) -> None:
        """Ask for what is still held: at once, unless it was gone again by then."""
        self._asked += 1
        if self._asked > 1:
            await asyncio.sleep(BEHIND_WAIT_S)

    async def _wait_after(self, goodbye: ConnectionClosed) -> None:
        code = None if goodbye.rcvd is None else goodbye.rcvd.code
        if goodbye.rcvd is not None and code == CloseCode.POLICY_VIOLATION:
            raise UsageError(f"{self._address} refused this client: {goodbye.rcvd.reason}")
        if code == CloseCode.TRY_AGAIN_LATER:
            log.warning("%s closed the connection: this client is too slow", self._address)
            await asyncio.sleep(BEHIND_WAIT_S)
            return
        why = "it stopped" if code == CloseCode.GOING_AWAY else "the connection was lost"
        await self._wait(why)

    async def _wait(self, why: str) -> None:
        """Wait longer after each failure, and never as long as the others do."""
        now_s = time.monotonic()
        if self._failures == 0:
            self._away_since_s = now_s
        away_s = now_s - self._away_since_s
        if self._give_up_s is not None and away_s > self._give_up_s:
            raise SourceError(f"{self._address} has been away for {away_s:.0f} s: {why}")
        longest_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**self._failures)
        wait_s = longest_s * random.uniform(0.75, 1.25)
        self._failures += 1
        log.warning("%s: %s; next try in %.1f s", self._address, why, wait_s)
        await asyncio.sleep(wait_s)

    def _judge(self, error: Exception) -> str:
        """Return why a connection failed, or raise where trying again is of no use.

        A service that was there once may be mended while this client waits.
        """
        verdict = _verdict(self._address, error)
        if isinstance(verdict, FesError):
            if not self._was_there:
                raise verdict from error
            return str(verdict)
        return verdict


def _verdict(address: str, error: Exception) -> FesError | str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return UsageError(
            f"the certificate of {address} is not trusted ({error.verify_message}): give the "
            "authority that signed it"
        )
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if 400 <= status < 500 and status not in (408, 425, 429):
            return SourceError(f"{address} answers {status}: is it the address of a fes service?")
        return f"it answers {status}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def _context(address: str, authority: Path | None) -> ssl.SSLContext | None:
    if not address.startswith("wss"):
        return None
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"cannot read the authority {authority}: {error}") from error


async def _next(items: AsyncIterator[Item]) -> Item:
    return await anext(items)
