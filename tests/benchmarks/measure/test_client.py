"""The client that listens while something is measured."""

import socket
import time

import pytest

from benchmarks.measure.client import Client
from engines.errors import FesError
from realtime.events.messages import FaceFound, Hello, ModelInfo
from realtime.events.publisher import Publisher
from realtime.service.server import EventServer

HELLO = Hello(ModelInfo("tiny", "1", "spotformer"), 30, "onnxruntime", "fp32", 0.267, "clip.mp4")
WAIT_S = 30.0


def wait_for_client(server: EventServer) -> None:
    limit_s = time.monotonic() + WAIT_S
    while not server.clients:
        assert time.monotonic() < limit_s, "the client never followed the stream"
        time.sleep(0.01)


def test_it_gets_every_event_and_leaves_when_the_service_does() -> None:
    """Ten events, hello and snapshot."""
    server = EventServer(port=0).start()
    with Client(server.events_url) as client, Publisher(HELLO, [server]) as publisher:
        wait_for_client(server)
        for face in range(10):
            publisher.publish(FaceFound(face, float(face)))
    assert client.received == 12


def test_without_a_service_it_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        pytest.raises(FesError, match="--no-serve"),
        Client(f"ws://127.0.0.1:{port}/events"),
    ):
        pytest.fail("it connected to nothing")
