"""Certificates of this test only, made with the system's openssl."""

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from realtime.service.tls import Certificate

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

SUBJECT = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_certificate(folder: Path, name: str = "service", *, days: int = 90) -> Certificate:
    """A certificate that signed itself, valid from now on."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    openssl("req", "-x509", *CURVE, "-nodes", "-days", str(days), *SUBJECT,
            "-keyout", key, "-out", chain)  # fmt: skip
    return Certificate(chain, key)


def make_locked_key(folder: Path, key: Path) -> Path:
    """The same key behind a passphrase."""
    locked = folder / "locked.key"
    openssl("pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
    return locked


def move_validity(chain: Path, first: datetime, last: datetime) -> None:
    """Let a certificate be valid at another time; its signature is spoilt, its shape is not."""
    der = ssl.PEM_cert_to_DER_cert(chain.read_text())
    parts = der.split(b"\x17\x0d")
    assert len(parts) == 3
    times = [f"{moment:%y%m%d%H%M%SZ}".encode() for moment in (first, last)]
    moved = parts[0] + b"".join(
        b"\x17\x0d" + time + part[len(time) :] for time, part in zip(times, parts[1:], strict=True)
    )
    chain.write_text(ssl.DER_cert_to_PEM_cert(moved))


def days_from_now(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)
