"""Many clients of the event service in one process that costs little.

    python -m benchmarks.service_crowd ws://127.0.0.1:8765/events CLIENTS OUT.npy [stalled|read]

It says ``connected`` when all of them have their hello, notes when each message came, and writes
the notes once its standard input ends. Stalled clients never read after that. It parses no more of
a message than its id, so that what is measured is the service.
"""

import gc
import json
import selectors
import socket
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np

CONNECTED: Final = "connected"
STALLED: Final = "stalled"
READ: Final = "read"
CONNECT_S: Final = 30.0
LAST_S: Final = 0.3
SMALL_BUFFER: Final = 4096
"""What the system holds for a client that stalls, so that it soon shows."""

_REQUEST: Final = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: cloudevents.json\r\n\r\n"
)
_ID: Final = b'"id":"'
_HEAD: Final = 64
_PING: Final = 0x89
_CLOSE: Final = 0x88


class Notes:
    """What came, and when: client, sequence (telemetry: below 0), s of ``time.monotonic``."""

    def __init__(self) -> None:
        self.clients = array("l")
        self.numbers = array("l")
        self.times_s = array("d")

    def add(self, client: int, number: int, time_s: float) -> None:
        """Note one message."""
        self.clients.append(client)
        self.numbers.append(number)
        self.times_s.append(time_s)

    def save(self, path: Path) -> None:
        """Write them as float64 (N, 3)."""
        table = [np.asarray(column, np.float64) for column in (self.clients, self.numbers)]
        np.save(path, np.stack([*table, np.asarray(self.times_s, np.float64)], axis=1))


class Listener:
    """One client.

    Parameters
    ----------
    url
        Of the events.
    number
        Its number in the notes.
    notes
        Shared by all.
    small
        Have little room in the system for what is not read.
    """

    def __init__(self, url: str, number: int, notes: Notes, small: bool) -> None:
        self._number, self._notes = number, notes
        parts = urlsplit(url)
        self.socket = socket.socket()
        if small:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self.socket.settimeout(CONNECT_S)
        self.socket.connect((parts.hostname, parts.port))
        self.socket.sendall(_REQUEST.format(path=parts.path, host=parts.netloc).encode())
        self._held = b""
        while b"\r\n\r\n" not in self._held:
            self._receive()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.splitlines()[0].decode())
        while b"fes.snapshot" not in self._held:
            self._receive()
        self.read(b"")

    def _receive(self) -> None:
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the service closed the connection")
        self._held += piece

    def read(self, piece: bytes) -> bool:
        """Take what came; tell whether the connection goes on."""
        now_s = time.monotonic()
        data = self._held + piece
        at = 0
        for kind, start, end in frames(data):
            at = end
            if kind == _CLOSE:
                return False
            if kind == _PING:
                self.socket.sendall(bytes((0x8A,)) + bytes((0x80 | (end - start),)) + bytes(4)
                                    + data[start:end])  # fmt: skip
            else:
                self._notes.add(self._number, number_of(data[start : start + _HEAD]), now_s)
        self._held = data[at:]
        return True


def frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the first byte, the begin and the end of each whole frame of a server."""
    at = 0
    while at + 2 <= len(data):
        length, start = data[at + 1], at + 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, start = int.from_bytes(data[start : start + size]), start + size
        if start + length > len(data):
            return
        yield data[at], start, start + length
        at = start + length


def number_of(head: bytes) -> int:
    """Return the number that an envelope's id holds.

    Examples
    --------
    >>> number_of(b'{"specversion":"1.0","id":"7","source"')
    7
    >>> number_of(b'{"specversion":"1.0","id":"u7","source"')
    -8
    """
    start = head.find(_ID) + len(_ID)
    text = head[start : head.find(b'"', start)]
    if text.isdigit():
        return int(text)
    # hello and snapshot have ids of their connection, which nobody measures
    return -1 - int(text[1:]) if text[:1] == b"u" and text[1:].isdigit() else 0


def run(url: str, count: int, out: Path, how: str) -> dict[str, int]:
    """Connect, read until standard input ends, write the notes; return what there is to say."""
    notes = Notes()
    crowd = [Listener(url, number, notes, how == STALLED) for number in range(count)]
    gc.disable()
    sys.stdout.write(f"{CONNECTED}\n")
    sys.stdout.flush()
    if how == STALLED:
        sys.stdin.read()
        lost = 0
    else:
        lost = read_all(crowd)
    for client in crowd:
        client.socket.close()
    notes.save(out)
    return {"messages": len(notes.numbers), "lost": lost}


def read_all(crowd: list[Listener]) -> int:
    """Read until standard input ends; return how many connections the service ended."""
    lost, end_s = 0, float("inf")
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        for client in crowd:
            client.socket.setblocking(False)
            selector.register(client.socket, selectors.EVENT_READ, client)
        while time.monotonic() < end_s:
            # what is under way when standard input ends still counts
            for key, _ in selector.select(LAST_S if end_s < float("inf") else None):
                if key.data is None:
                    end_s = time.monotonic() + LAST_S
                    selector.unregister(sys.stdin)
                    continue
                piece = key.data.socket.recv(65536)
                if not piece or not key.data.read(piece):
                    selector.unregister(key.data.socket)
                    lost += 1
    return lost


if __name__ == "__main__":
    _said = run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
    sys.stdout.write(json.dumps(_said) + "\n")
