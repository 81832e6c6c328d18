"""MediaPipe's landmarks read from their serialised form: 1400 attributes would take longer."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.faces.kernels import unpack
from realtime.faces.tracks import Point

POINT_BYTES: Final = 17
"""A landmark on the wire, if it has x, y and z alone: its key and length, then three times a key
and a little-endian float32 (protobuf.dev, "Encoding")."""

_KEYS: Final = np.array([0x0A, POINT_BYTES - 2, 0x0D, 0x15, 0x1D], np.uint8)
"""Field 1, a message; its length; its fields 1, 2 and 3, four bytes each."""

_KEYS_AT: Final = np.array([0, 1, 2, 7, 12])
_FLOATS_AT: Final = _KEYS_AT[2:] + 1


class LandmarkList(Protocol):
    """MediaPipe's message ``NormalizedLandmarkList``."""

    @property
    def landmark(self) -> Sequence[Point]:
        """Its points."""
        ...

    def SerializeToString(self) -> bytes:  # noqa: N802
        """Return it as it is written to a wire."""
        ...


def points_of(landmarks: LandmarkList) -> NDArray[np.float32]:
    """Return the points of a list as it has them, float32 (n, 3): x, y, z, normalised.

    Lists whose points have other fields too, or not all three of these, are read field by field.
    """
    fast = _unpacked(landmarks.SerializeToString())
    if fast is not None:
        return fast
    slow = np.array([(p.x, p.y, p.z) for p in landmarks.landmark], np.float32)
    return slow.reshape(-1, 3)


def _unpacked(data: bytes) -> NDArray[np.float32] | None:
    """Return the points of a serialised list, or None where it is not laid out as expected."""
    if len(data) % POINT_BYTES:
        return None
    bits = np.empty((len(data) // POINT_BYTES, 3), np.uint32)
    found = unpack(np.frombuffer(data, np.uint8), POINT_BYTES, _KEYS, _KEYS_AT, _FLOATS_AT, bits)
    return bits.view(np.float32) if found else None
