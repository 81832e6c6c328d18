import json
import logging
import socket
import urllib.request
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engines.errors import UsageError
from realtime.events.publisher import Publisher
from realtime.service.guard import Guard, Resume, read_connect, read_since
from realtime.service.server import EventServer
from tests.realtime.service.service_makers import HELLO, WAIT_S, opening, port_of, running

TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only
OPEN = "0.0.0.0"  # noqa: S104 - each test says whether this is refused


def test_a_page_of_another_origin_is_refused() -> None:
    with running() as service:
        for origin in ("https://example.org", "null", f"{service.server.url[:-1]}0"):
            with pytest.raises(InvalidStatus) as refused:
                service.client(origin=origin)
            assert refused.value.response.status_code == 403


def test_the_dashboard_itself_may_connect() -> None:
    with running() as service, service.client(origin=service.server.url.rstrip("/")) as client:
        opening(client)


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "127.0.0.1:8765", True),
        ("http://127.0.0.1:8765", "127.0.0.1:8765", True),
        ("http://localhost:8765", "localhost:8765", True),
        ("http://[::1]:8765", "[::1]:8765", True),
        ("https://wall.example:443", "elsewhere:8765", True),
        ("http://127.0.0.1:9999", "127.0.0.1:8765", False),
        ("http://localhost:8765", "127.0.0.1:8765", False),
        # A name that its owner points at this machine: origin and host agree, yet it is foreign.
        ("http://evil.example:8765", "evil.example:8765", False),
        ("file://127.0.0.1:8765", "127.0.0.1:8765", False),
        ("null", "", False),
        ("", "", False),
        ("http://[", "[", False),
    ],
)
def test_an_origin_is_allowed_when_it_is_the_dashboard_or_named(
    origin: str | None, host: str, allowed: bool
) -> None:
    guard = Guard("127.0.0.1", origins=("https://wall.example:443",))
    assert guard.allows_origin(origin, host) is allowed


@pytest.mark.parametrize("host", [OPEN, "", "::", "192.0.2.7"])
def test_an_open_address_needs_a_token_or_a_clear_word(host: str) -> None:
    with pytest.raises(UsageError, match=r"without a token .* and TLS") as refused:
        EventServer(host=host, port=0)
    assert "\n" not in str(refused.value)
    with pytest.raises(UsageError, match="without TLS"):
        EventServer(host=host, port=0, token=TOKEN)
    EventServer(host=host, port=0, insecure=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_a_loopback_address_needs_no_token(host: str) -> None:
    EventServer(host=host, port=0)


def test_an_address_that_cannot_be_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no such address"):
        EventServer(host="256.1.1.1")
    with pytest.raises(UsageError, match="not a port"):
        EventServer(port=65536)
    with pytest.raises(UsageError, match="empty"):
        EventServer(token=" ")  # noqa: S106


def test_two_services_on_one_port_are_a_usage_error_of_one_line() -> None:
    with EventServer(port=0) as first:
        port = int(first.url.rstrip("/").rsplit(":", 1)[1])
        with pytest.raises(UsageError, match=f"port {port}: it is in use") as refused:
            EventServer(port=port).start()
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_the_token_comes_first_and_opens_the_stream() -> None:
    with running(token=TOKEN) as service, service.client() as client:
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.2)
        client.send(json.dumps({"token": TOKEN}))
        opening(client)


def test_the_first_message_may_say_where_to_resume() -> None:
    with running(token=TOKEN) as service:
        service.publish_faces(1, 3)
        with service.client("?since=0") as client:
            client.send(json.dumps({"token": TOKEN, "since": 2}))
            assert opening(client)[0]["resumed"] is True
            assert json.loads(client.recv(timeout=WAIT_S))["sequence"] == 3


@pytest.mark.parametrize(
    "message",
    [
        '{"token": "wrong"}',
        '{"token": ""}',
        '{"token": 1}',
        '{"token": "\\ud800"}',
        f'{{"token": "{TOKEN}", "since": -1}}',
        "{}",
        "[]",
        "null",
        "garbage",
        "{",
        "[" * 3000,
        b"\x00\xff",
    ],
)
def test_a_wrong_first_message_is_closed_with_1008_and_nothing_is_told(
    message: str | bytes,
) -> None:
    with running(token=TOKEN) as service, service.client() as client:
        client.send(message)
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=WAIT_S)
        assert client.close_code == 1008


def test_no_token_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(token=TOKEN) as service, service.client() as client:
        client.send(json.dumps({"token": TOKEN}))
        opening(client)
    ours = [r for r in caplog.records if not r.name.startswith("websockets.client")]
    assert not [record for record in ours if TOKEN in record.getMessage()]


@pytest.mark.parametrize("message", ["garbage", b"\x00\x01", "", "{", '{"type": "fes.hello"}'])
def test_whatever_a_client_says_the_stream_goes_on(message: str | bytes) -> None:
    with running() as service, service.client() as client:
        opening(client)
        client.send(message)
        service.publish_faces(1, 1)
        assert json.loads(client.recv(timeout=WAIT_S))["sequence"] == 1


def test_an_oversized_message_ends_its_own_connection_only() -> None:
    with running() as service, service.client() as loud, service.client() as calm:
        opening(loud)
        opening(calm)
        loud.send("x" * 10_000)
        with pytest.raises(ConnectionClosed):
            loud.recv(timeout=WAIT_S)
        assert loud.close_code == 1009
        service.publish_faces(1, 1)
        assert json.loads(calm.recv(timeout=WAIT_S))["sequence"] == 1


def test_garbage_on_the_socket_harms_nobody() -> None:
    with running() as service:
        port = int(service.server.url.rstrip("/").rsplit(":", 1)[1])
        for garbage in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\x00" * 500 + b"\r\n\r\n", b""):
            with socket.create_connection(("127.0.0.1", port)) as raw:
                raw.sendall(garbage)
        with service.client() as client:
            opening(client)


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "9" * 40, "%C2%B2"])
def test_a_since_that_is_no_sequence_is_refused(since: str) -> None:
    with running() as service, pytest.raises(InvalidStatus) as refused:
        service.client(f"?since={since}&stream=a")
    assert refused.value.response.status_code == 400


@given(st.integers(0, 10**18 - 1))
def test_every_sequence_is_read_as_it_is_written(number: int) -> None:
    assert read_since(str(number)) == number


@given(st.one_of(st.text(), st.binary()))
def test_a_first_message_is_understood_or_refused_and_never_worse(message: str | bytes) -> None:
    try:
        token, resume = read_connect(message, Resume(7))
    except ValueError:
        return
    assert token is None or isinstance(token, str)
    assert resume.since is None or resume.since >= 0


def test_the_open_address_serves_whom_has_the_token() -> None:
    with (
        EventServer(host=OPEN, port=0, token=TOKEN, insecure=True) as server,
        Publisher(HELLO, [server]),
        urllib.request.urlopen(  # noqa: S310
            server.url.replace(OPEN, "127.0.0.1") + "healthz"
        ) as page,
    ):
        assert json.load(page)["token_needed"] is True


HERE = "https://wall.example"
PUBLIC = ("healthz", "js/client.js", "asyncapi.json", "schemas/events.json")
PRIVATE = ("", "metrics", "js/app.js")


def headers_of(server: EventServer, path: str, origin: str | None) -> Message:
    request = urllib.request.Request(server.url + path)  # noqa: S310
    if origin is not None:
        request.add_header("Origin", origin)
    with urllib.request.urlopen(request) as page:  # noqa: S310
        return page.headers  # type: ignore[no-any-return]


def test_a_named_origin_may_read_what_a_client_needs_and_nothing_else() -> None:
    with EventServer(port=0, origins=[HERE]) as server:
        for path in PUBLIC:
            headers = headers_of(server, path, HERE)
            assert headers["Access-Control-Allow-Origin"] == HERE
            assert headers["Vary"] == "Origin"
            assert headers.get_all("Cross-Origin-Resource-Policy") == ["cross-origin"]
        for path in PRIVATE:
            headers = headers_of(server, path, HERE)
            assert headers["Access-Control-Allow-Origin"] is None
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("origin", [None, "https://example.org", "null", "https://wall.example:1"])
def test_no_other_origin_may_read_anything(origin: str | None) -> None:
    with EventServer(port=0, origins=[HERE]) as server:
        for path in PUBLIC:
            headers = headers_of(server, path, origin)
            assert headers["Access-Control-Allow-Origin"] is None
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_header_that_comes_twice_is_a_bad_request_and_not_an_error_of_the_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    with EventServer(port=0) as server:
        for path in ("/events", "/healthz", "/metrics"):
            with socket.create_connection(("127.0.0.1", port_of(server)), WAIT_S) as raw:
                twice = "Origin: http://a\r\n" * 2
                raw.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n{twice}\r\n".encode())
                assert raw.recv(100).startswith(b"HTTP/1.1 400")
    assert not caplog.records
