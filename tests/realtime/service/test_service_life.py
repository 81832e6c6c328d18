import socket
import threading

import pytest
from websockets.exceptions import ConnectionClosedOK

from realtime.events.messages import FaceFound, StreamGap
from realtime.events.publisher import Publisher
from realtime.service.hub import Hub
from realtime.service.server import EventServer
from tests.realtime.service.service_makers import HELLO, WAIT_S, opening, running


def said_goodbye(raw: socket.socket) -> bool:
    try:
        return raw.recv(1) == b""
    except ConnectionResetError:
        return True


def service_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "fes-events"]


def test_close_says_goodbye_and_leaves_no_thread() -> None:
    with running() as service, service.client() as client:
        opening(client)
        service.publisher.close()
        with pytest.raises(ConnectionClosedOK):
            client.recv(timeout=WAIT_S)
        assert client.close_code == 1001
    assert not service_threads()


def test_close_may_come_twice_or_without_a_start() -> None:
    server = EventServer(port=0)
    server.close()
    server.start()
    server.close()
    server.close()
    assert not service_threads()


def test_publishing_after_the_close_is_harmless() -> None:
    server = EventServer(port=0).start()
    publisher = Publisher(HELLO, [server])
    server.close()
    assert publisher.publish(FaceFound(0, 0.0)).sequence == 1


def test_connections_that_say_nothing_do_not_delay_the_close() -> None:
    server = EventServer(port=0).start()
    port = int(server.url.rstrip("/").rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as silent:
        server.close()
        assert not service_threads()
        silent.settimeout(WAIT_S)
        assert said_goodbye(silent)


def test_a_client_that_does_not_read_does_not_delay_the_close() -> None:
    with running() as service, service.client() as client:
        opening(client)
        for _ in range(1000):
            service.publisher.publish(StreamGap(0.0, 1.0, "x" * 10_000))
        service.server.close()
        assert not service_threads()


def test_the_number_of_clients_follows_those_who_come_and_go() -> None:
    with running() as service:
        assert service.server.clients == 0
        with service.client() as one, service.client() as two:
            opening(one)
            opening(two)
            assert service.server.clients == 2
        with service.client() as last:
            opening(last)


def test_the_url_has_the_port_that_is_really_used() -> None:
    with EventServer(port=0) as server:
        assert not server.url.endswith(":0/")
        assert server.events_url == server.url.replace("http:", "ws:") + "events"


@pytest.mark.parametrize(("history", "queue"), [(10, 10), (10, 0), (1, 2)])
def test_a_queue_must_leave_time_to_come_back(history: int, queue: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Hub(history, queue)
