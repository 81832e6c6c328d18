"""Simulated days through publisher, service and real clients: flat, whole, in order.

    python -m benchmarks.service_soak [--hours 48 --clients 4 --telemetry 5 --json]

The clock is as fast as the slowest client reads. Clients of :mod:`realtime.client` follow from a
process of their own, half of them leaving and coming back all the time; meanwhile others connect
and vanish, or stall until the service lets them go. Memory and file handles are those of the
process that serves; its growth is that of the second half, because in the first it fills with what
it keeps.
"""

import contextlib
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import click
import numpy as np
import psutil

from benchmarks.measure.machine import MIB
from benchmarks.service_day import make_day
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import FesError
from realtime.events.messages import Hello, ModelInfo
from realtime.events.publisher import Publisher
from realtime.service.server import EventServer
from realtime.types import FLOW_NODES, RATE_HZ

log = logging.getLogger("fes.service_soak")

HOUR_S: Final = 3600.0
LAG: Final = 400
"""Events that the slowest client may lack before the day waits for it."""
STUCK_S: Final = 60.0
STALLED: Final = 3
SETTLE_S: Final = 20.0
_REQUEST: Final = (
    "GET /events HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HELLO: Final = Hello(
    ModelInfo("none", "0", "none"), RATE_HZ, "none", "fp32", 0.27, "simulated day",
    nodes=FLOW_NODES, synthetic=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """The process that serves, at one moment of the day."""

    hour: float
    resident_mib: float
    files: int
    clients: int


class Followers:
    """The well-behaved clients; :attr:`slowest` is how far the slowest one is."""

    def __init__(self, url: str, count: int) -> None:
        self.slowest = 0
        self.said: dict[str, object] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.service_followers", url, str(count)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, name="followers")
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if line.startswith("{"):
                self.said = json.loads(line)
            else:
                self.slowest = int(line)

    def wait_for(self, sequence: int) -> None:
        """Wait until the slowest one has an event."""
        seen, since_s = self.slowest, time.monotonic()
        while self.slowest < sequence:
            if self._process.poll() is not None:
                raise FesError("the clients ended before the day did: see the lines above")
            if self.slowest > seen:
                seen, since_s = self.slowest, time.monotonic()
            if time.monotonic() - since_s > STUCK_S:
                raise FesError(f"a client has stood at event {seen} for {STUCK_S:.0f} s")
            time.sleep(0.002)

    def finish(self) -> None:
        """Wait for their accounts."""
        self._process.wait(STUCK_S)
        self._reader.join(STUCK_S)

    def stop(self) -> None:
        """End them."""
        self._process.kill()
        self._process.wait()
        self._reader.join()


class Nuisance:
    """Clients that vanish or stall; the stalled ones are replaced as they are let go."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (str(parts.hostname), int(parts.port or 0))
        self._request = _REQUEST.format(host=parts.netloc).encode()
        self._stalled: deque[socket.socket] = deque()

    def disturb(self) -> None:
        """One comes and vanishes, one stalls; too many stalled make room."""
        self._connect().close()
        self._stalled.append(self._connect())
        if len(self._stalled) > STALLED:
            self._stalled.popleft().close()

    def _connect(self) -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(self._address)
        sock.sendall(self._request)
        return sock

    def close(self) -> None:
        """Leave."""
        for sock in self._stalled:
            sock.close()


@contextlib.contextmanager
def following(url: str, count: int) -> Iterator[Followers]:
    """Start the clients; end them whatever happens."""
    followers = Followers(url, count)
    try:
        yield followers
    finally:
        followers.stop()


def soak(hours: float, clients: int, telemetry_s: float, seed: int = 3) -> dict[str, object]:
    """Run the day; return what was seen.

    Raises
    ------
    FesError
        If the clients end early or get stuck.
    """
    process, samples, started_s = psutil.Process(), list[Sample](), time.monotonic()
    midnight = datetime(2024, 1, 1, tzinfo=UTC)
    now_s, next_s, messages = 0.0, 0.0, 0
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(EventServer(port=0))
        publisher = Publisher(HELLO, [server], clock=lambda: midnight + timedelta(seconds=now_s))
        followers = stack.enter_context(following(server.url, clients))
        nuisance = stack.enter_context(contextlib.closing(Nuisance(server.url)))
        files = process.num_fds()
        for moment in make_day(np.random.default_rng(seed), hours * HOUR_S, telemetry_s):
            now_s = moment.time_s
            if now_s >= next_s:
                samples.append(_sample(process, now_s, server))
                log.info("hour %.1f: %d events", now_s / HOUR_S, publisher.sequence)
                next_s += HOUR_S / 2
                nuisance.disturb()
            publisher.publish(moment.data)
            messages += 1
            if publisher.sequence - followers.slowest > LAG:
                followers.wait_for(publisher.sequence - LAG // 2)
        followers.finish()
        nuisance.close()
        _settle(process, files)
        samples.append(_sample(process, now_s, server))
        told = followers.said
    return {
        "hours": hours,
        "wall_s": round(time.monotonic() - started_s, 1),
        "messages": messages,
        "events": publisher.sequence,
        "files_before": files,
        **_growth(samples),
        "followers": told,
        "samples": [asdict(sample) for sample in samples],
    }


def _settle(process: psutil.Process, files: int) -> None:
    """Wait until the service has noticed that everyone left, if it ever does."""
    end_s = time.monotonic() + SETTLE_S
    while process.num_fds() > files and time.monotonic() < end_s:
        time.sleep(0.05)


def _sample(process: psutil.Process, now_s: float, server: EventServer) -> Sample:
    resident_mib = round(process.memory_info().rss / MIB, 2)
    return Sample(round(now_s / HOUR_S, 2), resident_mib, process.num_fds(), server.clients)


def _growth(samples: list[Sample]) -> dict[str, object]:
    """Return how memory and files went in the second half."""
    # the last one is taken when everyone has left
    kept = samples[len(samples) // 2 : -1] or samples
    hours = np.array([sample.hour for sample in kept])
    resident = np.array([sample.resident_mib for sample in kept])
    slope = float(np.polyfit(hours, resident, 1)[0]) if len(kept) > 2 else 0.0
    return {
        "resident_mib_at_the_beginning": samples[0].resident_mib,
        "resident_mib_at_half_time": kept[0].resident_mib,
        "resident_mib_at_the_end": samples[-1].resident_mib,
        "resident_mib_per_hour_of_second_half": round(slope, 4),
        "files_at_the_end": samples[-1].files,
        "files_most": max(sample.files for sample in samples),
    }


@click.command()
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), default=48.0,
              show_default=True, help="Length of the stream.")  # fmt: skip
@click.option("--clients", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--telemetry", "telemetry_s", type=click.FloatRange(min=0.1), default=5.0,
              show_default=True, help="Seconds of stream time between two reports of a face.",
              )  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def main(hours: float, clients: int, telemetry_s: float, as_json: bool, debug: bool) -> None:
    """Run simulated days through the event service."""
    setup_log(debug)
    figures = soak(hours, clients, telemetry_s)
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        if name != "samples":
            print(f"{name:30} {value}")


if __name__ == "__main__":
    sys.exit(run_command(main))
