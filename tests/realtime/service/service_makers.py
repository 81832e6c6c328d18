"""A running service, and clients of it, for tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from realtime.events.messages import FaceFound, Hello, ModelInfo
from realtime.events.publisher import Publisher
from realtime.service.server import EventServer

HELLO = Hello(ModelInfo("tiny", "1", "spotformer"), 30, "onnxruntime", "fp32", 0.267, "clip.mp4")
WAIT_S = 60.0
"""A machine may be busy; nothing here waits that long where all is well."""


@dataclass(frozen=True)
class Service:
    server: EventServer
    publisher: Publisher

    def client(self, query: str = "", origin: str | None = None) -> ClientConnection:
        return connect(
            self.server.events_url + query,
            subprotocols=[Subprotocol("cloudevents.json")],
            origin=None if origin is None else Origin(origin),
            proxy=None,
            close_timeout=0.5,
            open_timeout=WAIT_S,
        )

    def publish_faces(self, first: int, last: int) -> None:
        """Publish events whose sequence and face are both ``first`` to ``last``."""
        for number in range(first, last + 1):
            assert self.publisher.publish(FaceFound(number, float(number))).sequence == number


@contextmanager
def running(history: int = 4096, queue: int = 1024, token: str | None = None) -> Iterator[Service]:
    server = EventServer(port=0, history=history, queue=queue, token=token)
    with server, Publisher(HELLO, [server]) as publisher:
        yield Service(server, publisher)


def port_of(server: EventServer) -> int:
    return int(server.url.rstrip("/").rsplit(":", 1)[1])


def receive(client: ClientConnection) -> dict[str, object]:
    message: dict[str, object] = json.loads(client.recv(timeout=WAIT_S))
    return message


def receive_types(client: ClientConnection, count: int) -> list[object]:
    return [receive(client)["type"] for _ in range(count)]


def receive_sequences(client: ClientConnection, count: int) -> list[object]:
    return [receive(client)["sequence"] for _ in range(count)]


def opening(client: ClientConnection) -> tuple[dict[str, object], dict[str, object]]:
    """Take hello and snapshot; return their data."""
    hello, snapshot = receive(client), receive(client)
    assert (hello["type"], snapshot["type"]) == ("fes.hello", "fes.snapshot")
    assert isinstance(hello["data"], dict)
    assert isinstance(snapshot["data"], dict)
    return hello["data"], snapshot["data"]
