"""What the service remembers, and how far each client has got with it.

There is one bounded history of events, and a client is a place in it: its queue is what lies
between that place and the newest event. Nothing is copied per client, so a thousand of them cost
little, and one that does not read holds up nobody: a client that has everything is handed the
next message at once, one that does not keep up takes what it lacks at its own pace. Everything
here belongs to one event loop.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from realtime.events.cloudevents import Envelope
from realtime.events.messages import FaceLost, Hello, Snapshot
from realtime.events.state import StreamFold
from realtime.events.telemetry import Telemetry
from realtime.service.connection import text_frame
from realtime.service.guard import Resume

HISTORY: Final = 4096
"""Events kept for clients that resume."""

QUEUE: Final = 1024
"""Events that a client may lag behind before it is closed. What remains of the history is the
time that it has to come back."""

Deliver: TypeAlias = Callable[[bytes], bool]
"""Writes one frame at once, and tells whether it could."""


@dataclass(slots=True, eq=False)
class Client:
    """One connection's place in the stream.

    Attributes
    ----------
    deliver
        Writes to it.
    cursor
        The last sequence handed to it.
    seen
        The last telemetry handed to it.
    caught_up
        True once it has had the newest event; until then it may lag as far as the history goes.
    idle
        True while it has everything and waits for more.
    news
        Set when there may be something to send.
    overflowed
        Set when it lags too far.
    """

    deliver: Deliver
    cursor: int
    seen: int = 0
    caught_up: bool = False
    idle: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    overflowed: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The history of one stream and the clients that read it.

    Parameters
    ----------
    history, queue
        See :data:`HISTORY` and :data:`QUEUE`; ``queue`` must be below ``history``.

    Attributes
    ----------
    hello
        The stream's hello, or None until it starts; ``started`` is set with it.
    latest
        Sequence of the newest event; 0 before the first.
    clients
        Everyone who reads.
    """

    def __init__(self, history: int = HISTORY, queue: int = QUEUE) -> None:
        if not 0 < queue < history:
            raise ValueError(f"a queue of {queue} does not fit a history of {history}")
        self.hello: Envelope | None = None
        self.started = asyncio.Event()
        self.latest = 0
        self.clients: set[Client] = set()
        self._history = history
        self._queue = queue
        self._state = StreamFold()
        self._events: dict[int, bytes] = {}
        self._telemetry: dict[tuple[int, int | None], tuple[int, bytes]] = {}
        self._looks = 0

    @property
    def oldest(self) -> int:
        """The lowest ``since`` after which every event is still held."""
        return self.latest - len(self._events)

    @property
    def stage(self) -> str:
        """``waiting`` for the stream, ``live``, or ``ended``."""
        if self.hello is None:
            return "waiting"
        return "live" if self._state.ended is None else "ended"

    def look(self) -> tuple[str, int, Snapshot]:
        """Return :attr:`stage`, the number of sources, and the state after the newest event."""
        data = None if self.hello is None else self.hello.data
        sources = len(data.sources) if isinstance(data, Hello) else 0
        return self.stage, sources, self._state.snapshot(self.latest)

    def accept(self, envelope: Envelope) -> None:
        """Take one envelope of the stream and hand it to the clients."""
        data = envelope.data
        if isinstance(data, Hello):
            self.hello = envelope
            self._state.apply(data)
            self.started.set()
            return
        frame = text_frame(envelope.text)
        if isinstance(data, Telemetry):
            self._looks += 1
            self._telemetry[data.source, data.face] = (self._looks, frame)
        elif envelope.sequence is not None:
            self._remember(envelope, envelope.sequence, frame)
        for client in self.clients:
            self._hand_over(client, frame)

    def _hand_over(self, client: Client, frame: bytes) -> None:
        """Send what is new to a client that has all the rest; wake one that has not."""
        if client.idle and client.deliver(frame):
            client.cursor, client.seen = self.latest, self._looks
            return
        client.idle = False
        client.news.set()
        allowed = self._queue if client.caught_up else self._history
        if self.latest - client.cursor > allowed:
            client.overflowed.set()

    def _remember(self, envelope: Envelope, sequence: int, frame: bytes) -> None:
        self._state.apply(envelope.data)
        if isinstance(envelope.data, FaceLost):
            self._telemetry.pop((envelope.data.source, envelope.data.face), None)
        self._events[sequence] = frame
        self.latest = sequence
        if len(self._events) > self._history:
            del self._events[sequence - self._history]

    def join(self, resume: Resume, deliver: Deliver) -> tuple[Client, Hello, Snapshot]:
        """Add a client; return it with the two messages that open its stream.

        Until it is :attr:`Client.idle`, nothing is written to it but what it takes.

        Raises
        ------
        RuntimeError
            If the stream has not started.
        """
        if self.hello is None or not isinstance(self.hello.data, Hello):
            raise RuntimeError("a client joined before the stream's hello")
        resumed = self._can_resume(resume)
        start = resume.since if resumed and resume.since is not None else self.latest
        client = Client(deliver, cursor=start)
        self.clients.add(client)
        hello = replace(self.hello.data, resumed=resumed, oldest=self.oldest)
        return client, hello, self._state.snapshot(self.latest)

    def _can_resume(self, resume: Resume) -> bool | None:
        if resume.since is None or self.hello is None:
            return None
        same = resume.stream in (None, self.hello.source)
        return same and self.oldest <= resume.since <= self.latest

    def leave(self, client: Client) -> None:
        """Forget a client."""
        self.clients.discard(client)

    def take(self, client: Client) -> bytes | None:
        """Return the next frame for a client: events in order, then the latest telemetry.

        None means that it overflowed, or that it has everything: it is idle then.
        """
        if client.overflowed.is_set():
            return None
        if client.cursor < self.latest:
            client.cursor += 1
            client.caught_up = client.caught_up or client.cursor == self.latest
            return self._events[client.cursor]
        client.caught_up = True
        fresh = [look for look in self._telemetry.values() if look[0] > client.seen]
        if not fresh:
            client.idle = True
            return None
        client.seen, frame = min(fresh)
        return frame

    @property
    def all_read(self) -> bool:
        """True when no client waits for an event."""
        return all(client.cursor == self.latest for client in self.clients)
