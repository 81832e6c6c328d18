"""From when until when a certificate is valid, read from the file itself.

The standard library tells it of a peer's certificate, not of one's own.
"""

from datetime import UTC, datetime
from typing import Final

_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18


def read_validity(der: bytes) -> tuple[datetime, datetime]:
    """Read from when until when a certificate is valid (RFC 5280, section 4.1).

    Parameters
    ----------
    der
        The certificate, DER.

    Raises
    ------
    ValueError
        If it is not one.
    """
    at, _ = _enter(der, 0, _SEQUENCE)
    at, _ = _enter(der, at, _SEQUENCE)
    if der[at : at + 1] == bytes([_VERSION]):
        at = _element(der, at)[2]
    # serial number, signature's algorithm, issuer
    for _ in range(3):
        at = _element(der, at)[2]
    at, _ = _enter(der, at, _SEQUENCE)
    first, at = _read_time(der, at)
    last, _ = _read_time(der, at)
    return first, last


def first_certificate(text: str) -> str:
    """Return the first certificate of a PEM file.

    Raises
    ------
    ValueError
        If there is none.
    """
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start, stop = text.find(begin), text.find(end)
    if not 0 <= start < stop:
        raise ValueError(f"it has no {begin}")
    return text[start : stop + len(end)]


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag, the begin and the end of the element that starts at ``at``."""
    head = der[at : at + 2]
    if len(head) < 2:
        raise ValueError("it is cut short")
    tag, length, start = head[0], head[1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        length = int.from_bytes(der[start : start + count])
        start += count
    if start + length > len(der):
        raise ValueError("it is cut short")
    return tag, start, start + length


def _enter(der: bytes, at: int, expected: int) -> tuple[int, int]:
    tag, start, end = _element(der, at)
    if tag != expected:
        raise ValueError("its fields are not those of a certificate")
    return start, end


def _read_time(der: bytes, at: int) -> tuple[datetime, int]:
    tag, start, end = _element(der, at)
    text = der[start:end].decode("ascii", errors="replace")
    if tag == _UTC_TIME:
        # two digits of the year: 50 is 1950
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("its fields are not those of a certificate")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC), end
