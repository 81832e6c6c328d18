"""A client of the event service in a process of its own, as a dashboard would be.

    python -m benchmarks.measure.client ws://127.0.0.1:8765/events

It says ``connected``, reads until the service says goodbye, and says how many messages came.
"""

import signal
import subprocess
import sys
from types import TracebackType
from typing import Final, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from engines.errors import FesError
from realtime.events.cloudevents import SUBPROTOCOL

CONNECTED: Final = "connected"
LEAVE_S: Final = 5.0


class Client:
    """Connects when it is entered, and counts what it gets until the service closes.

    Parameters
    ----------
    url
        Of the events.

    Raises
    ------
    FesError
        If it cannot connect.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: subprocess.Popen[str] | None = None
        self.received = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, self._url], stdout=subprocess.PIPE, text=True
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        if said.strip() != CONNECTED:
            self._process.kill()
            self._process.communicate()
            raise FesError(
                f"no client could connect to {self._url}: measure without one (--no-serve)"
            )
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
            said, _ = self._process.communicate(timeout=LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            said, _ = self._process.communicate()
        self.received = int(said) if said.strip().isdigit() else 0


def listen(url: str) -> int:
    """Read messages until the service closes the connection; return how many came."""
    # Ctrl-C goes to every process of a terminal: this one leaves when the service does
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    received = 0
    with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as connection:
        sys.stdout.write(f"{CONNECTED}\n")
        sys.stdout.flush()
        try:
            while True:
                connection.recv()
                received += 1
        except ConnectionClosed:
            return received


if __name__ == "__main__":
    sys.stdout.write(f"{listen(sys.argv[1])}\n")
