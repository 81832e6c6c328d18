"""One step of a window, in canonical px, whatever computed it."""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.types import FLOW_NODES, NODES

EYE_LEVER_PX: Final = 48.0
"""Roll and scale are reported as the displacement they give an outer eye corner, px."""

DEPTH_LEVER_PX: Final = 30.0
"""Yaw and pitch are reported as the displacement they give a point this far in front, px."""


class Alignment(StrEnum):
    """How head motion is taken out: the papers' one translation, or six rigid parameters."""

    NOSE = "nose"
    RIGID = "rigid"


def step_features(
    patches: NDArray[np.float32],
    motion: NDArray[np.float64],
    lids: NDArray[np.float32],
    to_canonical: float,
) -> NDArray[np.float32]:
    """Put one step's values in the order of ``NODES``.

    Parameters
    ----------
    patches
        float32 (10, 2), px of the crop, head motion removed.
    motion
        float64 (6,): tx, ty, scale, roll, yaw, pitch of the head, as the rigid fit gives them.
    lids
        float32 (2,), change of the two lid apertures since the window's first frame, canonical px.
    to_canonical
        Canonical px per crop px.

    Returns
    -------
    float32 (18, 2)
        Canonical px; the posture rows are left zero, they are filled when the window is whole.
    """
    out = np.zeros((len(NODES), 2), np.float32)
    count = len(FLOW_NODES)
    out[:count] = patches
    out[count + 1] = motion[0:2]
    out[count + 2] = motion[4] * DEPTH_LEVER_PX, motion[5] * DEPTH_LEVER_PX
    out[count + 3] = motion[3] * EYE_LEVER_PX, motion[2] * EYE_LEVER_PX
    out *= np.float32(to_canonical)
    out[count] = lids
    return out
