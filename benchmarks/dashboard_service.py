"""A service that has an hour behind it: the dashboard's own pages, and a stream that never was.

The real service keeps events but only the newest telemetry, so an hour of curves takes an hour to
build up. This one speaks the same protocol and hands out all of it at once, then goes on at 10 Hz.
Scores and expressions are random; what they cost to read, keep and draw is not.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from engines.intervals import Kind
from realtime.events.cloudevents import SUBPROTOCOL, seal, utc_text
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    Hello,
    ModelInfo,
    Phase,
    Snapshot,
)
from realtime.events.telemetry import Telemetry
from realtime.service.pages import Pages, respond
from realtime.types import FLOW_NODES

RATE_HZ: Final = 10
PATCHES: Final = tuple((float(x), float(20 * (x % 3))) for x in range(-50, 50, 10))


@dataclass(frozen=True, slots=True)
class Past:
    """What lies behind the stream when the page opens.

    Attributes
    ----------
    seconds
        Length of the history, s.
    faces
        Faces in view all the time.
    expressions
        Expressions in all, spread evenly.
    """

    seconds: float
    faces: int
    expressions: int


class Stream:
    """Builds the messages, in their order."""

    def __init__(self, past: Past, seed: int = 7) -> None:
        self._past = past
        self._rng = np.random.default_rng(seed)
        self._began = time.time() - past.seconds
        self._sequence = 0
        self._number = 0
        rates = {"capture_hz": 30.0, "tick_hz": 30.0}
        self._look = json.loads(self._seal(Telemetry(0, 0, {}, PATCHES, PATCHES, (), rates)))

    @property
    def now_s(self) -> float:
        """Stream time."""
        return time.time() - self._began

    def opening(self) -> Iterator[str]:
        """Hello and snapshot."""
        started = utc_text(datetime.fromtimestamp(self._began, UTC))
        yield self._seal(
            Hello(
                ModelInfo("random", "1", "spotformer"), 30, "onnxruntime", "fp32", 0.27,
                "synthetic: an hour", started, FLOW_NODES, True, resumed=True, oldest=0,
            )
        )  # fmt: skip
        yield self._seal(Snapshot(0))

    def history(self) -> Iterator[str]:
        """Everything up to now."""
        for face in range(self._past.faces):
            yield self._seal(FaceFound(face, 0.0))
        every = int(RATE_HZ * self._past.seconds)
        due = np.linspace(4, self._past.seconds - 4, self._past.expressions)
        told = 0
        for look in range(every):
            time_s = look / RATE_HZ
            while told < len(due) and due[told] <= time_s:
                yield self.expression(float(due[told]))
                told += 1
            yield from self.looks(time_s)

    def looks(self, time_s: float) -> Iterator[str]:
        """Telemetry of every face."""
        for face in range(self._past.faces):
            macro, micro = (round(float(score), 4) for score in self._rng.beta(0.6, 6, 2))
            # sealed once and then changed: to seal thousands takes longer than to draw them
            self._look["data"] |= {
                "time_s": round(time_s, 3), "face": face,
                "scores": {"macro_apex": macro, "micro_apex": micro},
                "latency_ms": {"faces": 8.0, "flow": round(float(self._rng.normal(6, 0.5)), 2)},
            }  # fmt: skip
            yield json.dumps(self._look)

    def expression(self, apex_s: float) -> str:
        """One that is final at once."""
        self._number += 1
        kind = Kind.MICRO if self._number % 2 else Kind.MACRO
        half = 0.2 if kind is Kind.MICRO else 1.0
        face = self._number % self._past.faces
        return self._seal(
            Expression(
                f"0-{face}-{self._number}", Phase.END, kind, apex_s - half, apex_s, apex_s + half,
                float(self._rng.uniform(0.5, 1)), face, compute_delay_ms=21.0,
                algorithmic_delay_s=0.27,
            )
        )  # fmt: skip

    def _seal(self, data: EventData) -> str:
        sequenced = not isinstance(data, Hello | Snapshot | Telemetry)
        self._sequence += sequenced
        return seal(
            data, identity=str(time.monotonic_ns()), source="urn:fes:an-hour",
            time=datetime.now(UTC), sequence=self._sequence if sequenced else None,
        ).text  # fmt: skip


@contextmanager
def serving(past: Past) -> Iterator[str]:
    """Serve on a free port of this machine, and give the page's address."""
    pages = Pages(lambda: {"stream": "live", "token_needed": False})
    stream, over = Stream(past), threading.Event()

    def answer(_connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == "/events":
            return None
        return pages.answer("GET", path) or respond(HTTPStatus.NOT_FOUND, "no such page\n")

    def follow(connection: ServerConnection) -> None:
        try:
            for part in (stream.opening(), stream.history()):
                for text in part:
                    connection.send(text)
            _go_on(connection, stream, over)
        except ConnectionClosed:
            return

    server = serve(
        follow, "127.0.0.1", 0, process_request=answer, subprotocols=[Subprotocol(SUBPROTOCOL)],
        compression=None,
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}/"
    finally:
        over.set()
        server.shutdown()
        thread.join()


def _go_on(connection: ServerConnection, stream: Stream, over: threading.Event) -> None:
    told_s = stream.now_s
    while not over.wait(1 / RATE_HZ):
        now_s = stream.now_s
        for text in stream.looks(now_s):
            connection.send(text)
        if now_s - told_s > 2:
            told_s = now_s
            connection.send(stream.expression(now_s - 1.5))
