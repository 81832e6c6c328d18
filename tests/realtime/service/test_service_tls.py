import json
import logging
import re
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.client import connect

from engines.errors import UsageError
from realtime.events.publisher import Publisher
from realtime.service import tls
from realtime.service.server import EventServer
from realtime.service.tls import Certificate, certificate_of, make_context
from realtime.service.validity import read_validity
from tests.realtime.service.certificate_makers import (
    days_from_now,
    make_certificate,
    make_locked_key,
    move_validity,
    needs_openssl,
)
from tests.realtime.service.service_makers import HELLO, WAIT_S, opening, port_of

TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only
OPEN = "0.0.0.0"  # noqa: S104 - with a token and TLS


@contextmanager
def encrypted(certificate: Certificate, **options: str) -> Iterator[tuple[EventServer, Publisher]]:
    server = EventServer(port=0, certificate=certificate, **options)  # type: ignore[arg-type]
    with server, Publisher(HELLO, [server]) as publisher:
        yield server, publisher


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate.chain)


@needs_openssl
def test_events_and_pages_come_over_tls(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with encrypted(certificate) as (server, _):
        assert server.url.startswith("https://127.0.0.1:")
        assert server.events_url.startswith("wss://127.0.0.1:")
        trust = trusting(certificate)
        with connect(server.events_url, ssl=trust, proxy=None, open_timeout=WAIT_S) as client:
            opening(client)
        with urllib.request.urlopen(server.url + "healthz", context=trust) as page:  # noqa: S310
            assert json.load(page)["status"] == "ok"


@needs_openssl
def test_the_dashboard_may_connect_to_itself_over_tls(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with encrypted(certificate) as (server, _):
        origin = server.url.rstrip("/")
        with connect(
            server.events_url, ssl=trusting(certificate), origin=origin, proxy=None
        ) as client:
            opening(client)


@needs_openssl
def test_nothing_older_than_tls_1_2_is_spoken(tmp_path: Path) -> None:
    context = make_context(make_certificate(tmp_path))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


@needs_openssl
def test_an_open_address_with_a_token_and_tls_is_served(tmp_path: Path) -> None:
    EventServer(host=OPEN, port=0, token=TOKEN, certificate=make_certificate(tmp_path))
    with pytest.raises(UsageError, match="without TLS"):
        EventServer(host=OPEN, port=0, token=TOKEN)
    with pytest.raises(UsageError, match=r"without a token \(--token\):"):
        EventServer(host=OPEN, port=0, certificate=make_certificate(tmp_path))
    EventServer(host=OPEN, port=0, token=TOKEN, insecure=True)


def refusal(certificate: Certificate) -> str:
    with pytest.raises(UsageError) as refused:
        EventServer(port=0, certificate=certificate)
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


@needs_openssl
def test_each_thing_that_is_wrong_with_a_certificate_is_one_line(tmp_path: Path) -> None:
    good, other = make_certificate(tmp_path), make_certificate(tmp_path, "other")
    locked = make_locked_key(tmp_path, good.key)
    text = tmp_path / "text.pem"
    text.write_text("hello")
    cut = tmp_path / "cut.pem"
    lines = good.chain.read_text().splitlines()
    cut.write_text("\n".join([*lines[:2], lines[-1]]) + "\n")
    for chain, key, said in [
        (tmp_path / "none.pem", good.key, "cannot read .*none.pem: No such file"),
        (tmp_path, good.key, "cannot read .*: Is a directory"),
        (text, good.key, "text.pem is no PEM certificate"),
        (good.key, good.key, "service.key is no PEM certificate"),
        (cut, good.key, "cut.pem is no PEM certificate"),
        (good.chain, tmp_path / "none.key", "cannot read .*none.key: No such file"),
        (good.chain, text, "cannot use .*text.pem"),
        (good.chain, other.key, "other.key is not the key of .*service.pem"),
        (good.chain, locked, "locked.key has a passphrase"),
    ]:
        line = refusal(Certificate(chain, key))
        assert re.search(said, line), line


@needs_openssl
def test_a_certificate_that_expired_is_refused_and_says_when(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    move_validity(certificate.chain, datetime(2020, 1, 1, tzinfo=UTC), days_from_now(-1))
    assert f"expired on {days_from_now(-1):%Y-%m-%d}" in refusal(certificate)


@needs_openssl
def test_a_certificate_of_the_future_is_refused(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    move_validity(certificate.chain, days_from_now(2), days_from_now(9))
    assert "not valid before" in refusal(certificate)


@needs_openssl
@pytest.mark.parametrize(("days", "warned"), [(13, True), (16, False)])
def test_a_certificate_that_soon_expires_is_a_warning(
    tmp_path: Path, days: int, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    EventServer(port=0, certificate=make_certificate(tmp_path, days=days))
    assert ("expires on" in caplog.text) is warned


def test_one_file_without_the_other_is_a_usage_error(tmp_path: Path) -> None:
    assert certificate_of(None, None) is None
    for chain, key in [(tmp_path, None), (None, tmp_path)]:
        with pytest.raises(UsageError, match="both --tls-cert FILE and --tls-key FILE"):
            certificate_of(chain, key)


@needs_openssl
def test_a_renewed_certificate_is_used_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "LOOK_EVERY_S", 0.05)
    certificate = make_certificate(tmp_path)
    with encrypted(certificate) as (server, _):
        first = served(server)
        make_certificate(tmp_path)
        wait_until(lambda: served(server) != first)
        assert served(server) == ssl.PEM_cert_to_DER_cert(certificate.chain.read_text())


@needs_openssl
def test_a_renewal_that_went_wrong_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tls, "LOOK_EVERY_S", 0.05)
    certificate, other = make_certificate(tmp_path), make_certificate(tmp_path, "other")
    with encrypted(certificate) as (server, _):
        first = served(server)
        other.chain.replace(certificate.chain)
        wait_until(lambda: "goes on with the certificate that it has" in caplog.text)
        assert served(server) == first


def served(server: EventServer) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port_of(server)), WAIT_S) as raw,
        context.wrap_socket(raw) as sock,
    ):
        der = sock.getpeercert(binary_form=True)
    assert der is not None
    return der


def wait_until(condition: object) -> None:
    assert callable(condition)
    end_s = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)


@needs_openssl
def test_clients_that_never_finish_their_tls_handshake_hold_up_nobody(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with encrypted(certificate) as (server, _):
        slow = [socket.create_connection(("127.0.0.1", port_of(server))) for _ in range(50)]
        for number, raw in enumerate(slow):
            raw.sendall(b"\x16\x03\x01\x02\x00"[: number % 6])
        with connect(
            server.events_url, ssl=trusting(certificate), proxy=None, open_timeout=WAIT_S
        ) as client:
            opening(client)
        for raw in slow:
            raw.close()


@needs_openssl
def test_plain_text_on_an_encrypted_port_is_dropped_and_never_logged_aloud(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    certificate = make_certificate(tmp_path)
    with encrypted(certificate) as (server, _):
        with socket.create_connection(("127.0.0.1", port_of(server)), WAIT_S) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert b"HTTP" not in raw.recv(100)
        with connect(
            server.events_url, ssl=trusting(certificate), proxy=None, open_timeout=WAIT_S
        ) as client:
            opening(client)
    assert not caplog.records


@given(st.binary(max_size=400))
def test_what_is_no_certificate_is_a_value_error_and_never_worse(der: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its kind
        read_validity(der)


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    head = bytes((size,)) if size < 128 else b"\x82" + size.to_bytes(2)
    return bytes((tag,)) + head + content


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x18, b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_rfc_5280_says(tag: int, text: bytes, expected: datetime) -> None:
    validity = element(0x30, element(0x17, b"200101000000Z") + element(tag, text))
    issuer = element(0x30, b"x" * 300)
    body = element(0x02, b"\x01") + element(0x30, b"") + issuer + validity
    for version in (b"", element(0xA0, element(0x02, b"\x02"))):
        der = element(0x30, element(0x30, version + body))
        assert read_validity(der) == (datetime(2020, 1, 1, tzinfo=UTC), expected)
