"""Steps of windows, in canonical px, whatever computed them."""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.flow.kernels.steps import lay_steps
from realtime.types import NODES

EYE_LEVER_PX: Final = 48.0
"""Roll and scale are reported as the displacement they give an outer eye corner, canonical px."""

DEPTH_LEVER_PX: Final = 30.0
"""Yaw and pitch are reported as the displacement they give a point this far in front, canonical
px."""


class Alignment(StrEnum):
    """How head motion is taken out: the papers' one translation, or six rigid parameters."""

    NOSE = "nose"
    RIGID = "rigid"


def step_features(
    patches: NDArray[np.float32],
    motions: NDArray[np.float64],
    lids: NDArray[np.float32],
    to_canonical: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Put the values of n windows' steps in the order of ``NODES``.

    Parameters
    ----------
    patches
        float32 (n, 10, 2), px of the crop, head motion removed.
    motions
        float64 (n, 6): tx, ty, scale, roll, yaw, pitch of the head, as the rigid fit gives them.
    lids
        float32 (n, 2), change of the two lid apertures since the window's first frame, canonical
        px.
    to_canonical
        float32 (n,), canonical px per crop px.

    Returns
    -------
    float32 (n, 18, 2)
        Canonical px; the posture rows are left zero, they are filled when the window is whole.
    """
    out = np.zeros((len(patches), len(NODES), 2), np.float32)
    lay_steps(patches, motions, lids, to_canonical, DEPTH_LEVER_PX, EYE_LEVER_PX, out)
    return out
