"""The data that flows through the live pipeline (one door, validated once).

Time has two forms here. A *timestamp* is in seconds of stream time. A *tick* is a whole number
on the 30 Hz grid that :mod:`realtime.clock` lays over the timestamps.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 30
"""Rate of the model's clock, in ticks per second."""

WINDOW: Final = 17
"""Ticks in one SW-MRO window (SpotFormer section 3.1, w): all live windows, others by default."""

HALF_WINDOW: Final = WINDOW // 2

WINDOWS: Final = range(5, 34, 2)
"""Ticks that a recorded window may have: odd, so that there is a centre; the paper compares 9 to
25 (table 4)."""

FEATURES_VERSION: Final = 2
"""Version of the features, raised whenever the same frames would give others.

A model carries the version that it was trained on, and is refused where it would be fed another."""

FLOW_NODES: Final = (
    "brow_left_0",
    "brow_left_1",
    "brow_left_2",
    "brow_right_0",
    "brow_right_1",
    "brow_right_2",
    "mouth_corner_left",
    "mouth_top",
    "mouth_corner_right",
    "mouth_bottom",
)
"""The paper's ten patches, in its order: landmarks 18 19 20, 23 24 25, 48 51 54 57."""

EXTRA_NODES: Final = (
    "lids",
    "head_shift",
    "head_turn",
    "head_roll_scale",
    "posture_brow_left",
    "posture_brow_right",
    "posture_corners",
    "posture_lips",
)
"""What this project adds: lid aperture from the mesh, the head motion that was taken out, and
where brows and mouth stand against their slow average (``realtime.flow.posture``): seventeen ticks
alone do not tell the start of a frown from the end of a smile."""

NODES: Final = FLOW_NODES + EXTRA_NODES
MESH_POINTS: Final = 468
LANDMARKS: Final = 68


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source.

    Attributes
    ----------
    index
        0-based number of the frame in its source.
    timestamp_s
        Stream time: monotonic capture time (camera) or presentation time (file), s.
    image
        uint8 RGB, shape (H, W, 3).
    captured_s
        When the picture was taken (camera, stream), or when its decoding was complete (file,
        folder), s of ``time.monotonic``; None where the source does not say. Delays count from
        here.
    """

    index: int
    timestamp_s: float
    image: NDArray[np.uint8]
    captured_s: float | None = None

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            raise ValueError(f"an image is uint8 (H, W, 3), not {self.image.dtype}")
        if not np.isfinite(self.timestamp_s):
            raise ValueError("a frame's timestamp is not finite")


@dataclass(frozen=True, slots=True)
class Face:
    """One tracked face in one frame.

    Attributes
    ----------
    track
        Identity of the face while it stays in view.
    mesh
        float32 (468, 3): x right, y down in px of the frame; z in px, negative towards the
        camera, zero at the head's centre. MediaPipe's numbering.
    landmarks
        float32 (68, 2), px of the frame, the 68-point scheme (0-based).
    score
        Confidence in [0, 1].
    """

    track: int
    mesh: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    score: float

    def __post_init__(self) -> None:
        if self.mesh.shape != (MESH_POINTS, 3) or self.landmarks.shape != (LANDMARKS, 2):
            raise ValueError("a face has a mesh of (468, 3) and landmarks of (68, 2)")
        if not (np.isfinite(self.mesh).all() and np.isfinite(self.landmarks).all()):
            raise ValueError("a face's points are not finite")


@dataclass(frozen=True, slots=True)
class FlowWindow:
    """SW-MRO of one centre tick.

    Attributes
    ----------
    tick
        The window's centre: one of w ticks spans ``tick - w // 2`` to ``tick + w // 2``.
    features
        float32 (w, 18, 2), px on the canonical face, one row per node of ``NODES``; w is one of
        ``WINDOWS``, and 17 in a live pipeline. Step s is the displacement from the window's first
        frame to its frame s; step 0 is zero. The posture rows hold that displacement added to
        where the face stood at the window's first frame.
    """

    tick: int
    features: NDArray[np.float32]

    def __post_init__(self) -> None:
        shape = self.features.shape
        if shape[1:] != (len(NODES), 2) or self.features.dtype != np.float32:
            raise ValueError(f"a window is float32 (ticks, {len(NODES)}, 2)")
        require_window(shape[0])


def require_window(window: int) -> int:
    """Return a number of ticks that a window may have.

    Raises
    ------
    ValueError
        If it is none of ``WINDOWS``.
    """
    if window not in WINDOWS:
        ends = f"from {WINDOWS[0]} to {WINDOWS[-1]}"
        raise ValueError(f"the ticks of a window must be odd, {ends}, not {window}")
    return window
