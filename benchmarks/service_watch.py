"""When each message of a run was captured and published, and crowds of clients that listen."""

import json
import subprocess
import sys
import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.service_crowd import CONNECTED, READ, number_of
from engines.errors import FesError
from realtime.events.cloudevents import Envelope
from realtime.pipeline.timing import STAGES

LEAVE_S: Final = 60.0
FRAME: Final = STAGES[-1]


class Watch:
    """Notes when each message was captured and published, s of ``time.monotonic``.

    It is the listener of the stopwatch, and the first sink: messages of a frame are published
    before the frame is through, its telemetry right after.
    """

    def __init__(self) -> None:
        self.numbers = array("l")
        self.published_s = array("d")
        self._captured_s = array("d")
        self.done_s = array("d")
        self.totals_ms = array("d")

    def heard(self, stage: str, duration_ms: float) -> None:
        """Take one duration, ms."""
        if stage != FRAME:
            return
        now_s = time.monotonic()
        self.done_s.append(now_s)
        self.totals_ms.append(duration_ms)
        captured_s = now_s - duration_ms / 1e3
        while len(self._captured_s) < len(self.numbers):
            self._captured_s.append(captured_s)

    def write(self, envelope: Envelope) -> None:
        """Take one message."""
        number = number_of(envelope.text[:64].encode())
        self.numbers.append(number)
        self.published_s.append(time.monotonic())
        if envelope.sequence is None:
            # of the frame that was through just now
            last_s = self.done_s[-1] - self.totals_ms[-1] / 1e3 if self.done_s else float("nan")
            self._captured_s.append(last_s)

    def close(self) -> None:
        """Do nothing: what was noted stays."""

    def moments(self) -> dict[int, tuple[float, float]]:
        """Return capture and publication of each message, by its number."""
        known = zip(self.numbers, self._captured_s, self.published_s, strict=False)
        return {number: (captured_s, published_s) for number, captured_s, published_s in known}


@dataclass(frozen=True, slots=True)
class Received:
    """What a crowd got.

    Attributes
    ----------
    clients, numbers
        Who got what: int64 (N,); numbers below 0 are telemetry, 0 is hello or snapshot.
    times_s
        When, float64 (N,), s of ``time.monotonic``.
    lost
        Connections that the service ended.
    """

    clients: NDArray[np.int64]
    numbers: NDArray[np.int64]
    times_s: NDArray[np.float64]
    lost: int


class Crowd:
    """Clients in a process of their own; they connect when it is entered.

    Parameters
    ----------
    url
        Of the events.
    clients
        How many.
    out
        File for their notes.
    how
        See :mod:`benchmarks.service_crowd`.
    """

    def __init__(self, url: str, clients: int, out: Path, how: str = READ) -> None:
        self._command = [sys.executable, "-m", "benchmarks.service_crowd"]
        self._command += [url, str(clients), str(out), how]
        self._out = out
        self._process: subprocess.Popen[str] | None = None
        self.received: Received | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        if said.strip() != CONNECTED:
            self._process.kill()
            self._process.communicate()
            raise FesError("the clients could not all connect: see the lines above")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is None:
            return
        try:
            said, _ = self._process.communicate("", timeout=LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        if self._process.returncode == 0:
            self.received = _read(self._out, int(json.loads(said)["lost"]))


def _read(path: Path, lost: int) -> Received:
    table = np.load(path)
    return Received(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], lost)
