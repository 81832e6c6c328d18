"""Clients that misbehave in every way at once harm nobody but themselves."""

import asyncio
import contextlib
import json
import random
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeAlias

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from realtime.events.messages import FaceFound, FaceLost
from realtime.events.telemetry import Telemetry
from realtime.service import server as server_module
from realtime.service import session
from tests.realtime.service.service_makers import WAIT_S, Service, opening, port_of, running

TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only
EVENTS = 400
GOOD = 8
LONG_S = 1000.0
PAUSE_S = 0.05
GONE = (OSError, ConnectionClosed, InvalidHandshake, EOFError)

Guest: TypeAlias = Callable[[Service], Coroutine[None, None, None]]

needs_addresses = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"
)


@asynccontextmanager
async def joined(
    service: Service, token: str = TOKEN, **options: object
) -> AsyncIterator[ClientConnection]:
    """A client that leaves without a goodbye."""
    url = service.server.events_url
    client = await connect(url, proxy=None, open_timeout=WAIT_S, **options)  # type: ignore[arg-type]
    try:
        await client.send(json.dumps({"token": token}))
        yield client
    finally:
        client.transport.abort()


async def follow(service: Service, ready: asyncio.Barrier) -> list[int]:
    """A well-behaved client: everything from the first event to the last."""
    numbers: list[int] = []
    async with joined(service) as client:
        assert json.loads(await client.recv())["type"] == "fes.hello"
        await ready.wait()
        while not numbers or numbers[-1] < EVENTS:
            number = json.loads(await client.recv()).get("sequence")
            if number is not None:
                numbers.append(number)
    return numbers


async def stall(service: Service) -> None:
    """Follow the stream and never read it."""
    with contextlib.suppress(*GONE):
        async with joined(service, max_queue=1) as client:
            client.transport.pause_reading()
            await asyncio.sleep(LONG_S)


async def vanish(service: Service) -> None:
    """Come and be gone."""
    with contextlib.suppress(*GONE):
        async with joined(service) as client:
            await client.recv()
    await asyncio.sleep(PAUSE_S)


async def babble(service: Service) -> None:
    """Say what no client says: half frames, frames that are too large, plain noise."""
    with contextlib.suppress(*GONE):
        async with joined(service) as client:
            await client.recv()
            noise = random.randbytes(random.randrange(1, 200))
            sayings = (b"\x81\xff" + b"\x7f" * 8, b"\x81\xfe\xff\xff" + b"x" * 9000, noise)
            client.transport.write(random.choice(sayings))
            await asyncio.sleep(PAUSE_S)


async def dawdle(service: Service) -> None:
    """Begin a request and never finish it."""
    with contextlib.suppress(*GONE):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(service.server))
        try:
            writer.write(b"GET /events HTTP/1.1\r\nHost: a\r\n")
            await asyncio.sleep(3 * PAUSE_S)
        finally:
            writer.transport.abort()


async def guess(service: Service) -> None:
    """Try a wrong token from an address of one's own."""
    with contextlib.suppress(*GONE):
        async with joined(service, "wrong", local_addr=("127.0.0.2", 0)) as client:
            await client.recv()


async def again_and_again(guest: Guest, service: Service) -> None:
    while True:
        await guest(service)


async def publish(service: Service) -> None:
    for number in range(1, EVENTS // 2 + 1):
        service.publisher.publish(FaceFound(number, 0.0))
        service.publisher.publish(Telemetry(number / 10, number, {"micro_apex": 0.5}))
        service.publisher.publish(FaceLost(number, 0.0))
        await asyncio.sleep(0.008)


async def storm(service: Service, *guests: Guest) -> None:
    """Let the guests do what they do while others follow; check that those lack nothing."""
    ready = asyncio.Barrier(GOOD + 1)
    async with asyncio.timeout(WAIT_S * 12):
        bad = [
            asyncio.create_task(again_and_again(guest, service))
            for guest in guests
            for _ in range(4)
        ]
        good = [asyncio.create_task(follow(service, ready)) for _ in range(GOOD)]
        await ready.wait()
        await publish(service)
        found = await asyncio.gather(*good)
    assert not any(task.done() for task in bad)
    for task in bad:
        task.cancel()
    await asyncio.gather(*bad, return_exceptions=True)
    assert found == [list(range(1, EVENTS + 1))] * GOOD


@needs_addresses
def test_in_a_storm_of_bad_clients_the_others_get_every_event_once_and_in_order() -> None:
    process = psutil.Process()
    with running(history=2000, queue=400, token=TOKEN) as service:
        before = process.num_fds()
        asyncio.run(storm(service, stall, vanish, babble, dawdle, guess))
        wait_until(lambda: service.server.clients == 0)
        wait_until(lambda: process.num_fds() <= before)


@needs_addresses
def test_guessing_from_one_address_keeps_no_other_address_waiting() -> None:
    async def scene(service: Service) -> None:
        guesses = [asyncio.create_task(again_and_again(guess, service)) for _ in range(60)]
        async with asyncio.timeout(WAIT_S * 6):
            for _ in range(5):
                async with joined(service) as client:
                    assert json.loads(await client.recv())["type"] == "fes.hello"
        for task in guesses:
            task.cancel()
        await asyncio.gather(*guesses, return_exceptions=True)

    with running(token=TOKEN) as service:
        asyncio.run(scene(service))


def test_a_client_that_reads_nothing_is_let_go_even_where_there_are_no_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "STALLED_S", 0.3)
    monkeypatch.setattr(session, "GOODBYE_TIMEOUT_S", 0.3)
    with running() as service, service.client() as stalled:
        opening(stalled)
        wide = {f"score_{number}": 0.5 for number in range(2000)}

        def is_let_go() -> bool:
            service.publisher.publish(Telemetry(0.0, 0, wide))
            return service.server.clients == 0

        wait_until(is_let_go)
        assert "fes_client_overflows_total 1.0" in service.server.metrics.page("")[0].decode()


def test_a_request_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "HANDSHAKE_S", 0.3)
    with running() as service:
        for start in (b"", b"GET /events HTTP/1.1\r\nHost: a\r\n"):
            with socket.create_connection(("127.0.0.1", port_of(service.server)), WAIT_S) as raw:
                raw.sendall(start)
                assert raw.recv(100) == b""
        with service.client() as client:
            opening(client)


def test_a_request_in_single_bytes_is_served_or_cut_off_and_delays_nobody() -> None:
    with running() as service:
        request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port_of(service.server)), WAIT_S) as raw:
            for byte in request[:-1]:
                raw.sendall(bytes((byte,)))
            with service.client() as client:
                opening(client)
            raw.sendall(request[-1:])
            assert raw.recv(100).startswith(b"HTTP/1.1 200")


def test_connections_that_are_reset_leave_nothing_behind() -> None:
    process = psutil.Process()
    with running() as service:
        before = process.num_fds()
        for _ in range(200):
            raw = socket.create_connection(("127.0.0.1", port_of(service.server)), WAIT_S)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()
        wait_until(lambda: process.num_fds() <= before)
        with service.client() as client:
            opening(client)


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 6 * WAIT_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)
