"""Which mesh points are the 68 landmarks, the lids and the corners of the eyes.

Left and right are those of the picture, as in the paper's node names: landmark 18 is on the
brow at the left of the picture, which is the subject's right one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.faces.kernels import apertures
from realtime.types import MESH_POINTS

_JAW = (127, 234, 132, 58, 172, 136, 149, 176, 152, 400, 378, 365, 397, 288, 361, 454, 356)
_BROW_LEFT = (70, 63, 105, 66, 107)
_BROW_RIGHT = (336, 296, 334, 293, 300)
_NOSE = (168, 197, 195, 4, 98, 97, 2, 326, 327)
_EYE_LEFT = (33, 160, 158, 133, 153, 144)
_EYE_RIGHT = (362, 385, 387, 263, 373, 380)
_LIPS_OUTER = (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91)
_LIPS_INNER = (78, 81, 13, 311, 308, 402, 14, 178)

MESH_TO_68: Final[NDArray[np.intp]] = np.array(
    _JAW + _BROW_LEFT + _BROW_RIGHT + _NOSE + _EYE_LEFT + _EYE_RIGHT + _LIPS_OUTER + _LIPS_INNER,
    np.intp,
)
"""Mesh index of each landmark of the 68-point scheme, intp (68,), 0-based.

0-16 jaw, 17-21 and 22-26 brows, 27-35 nose (30 its tip), 36-41 and 42-47 eyes (36 and 45 the
outer corners), 48-59 outer lips (48 and 54 the corners, 51 top, 57 bottom), 60-67 inner lips.
"""

LID_PAIRS: Final[NDArray[np.intp]] = np.array(
    (
        ((160, 144), (159, 145), (158, 153)),
        ((385, 380), (386, 374), (387, 373)),
    ),
    np.intp,
)
"""Mesh indices, intp (2, 3, 2): eye (left, right), place along the lid, (upper, lower)."""

EYE_CORNERS: Final[NDArray[np.intp]] = np.array(((33, 133), (362, 263)), np.intp)
"""Mesh indices, intp (2, 2): eye (left, right), corner (left, right)."""

OUTER_EYES: Final = (33, 263)
"""Mesh indices of the outer corners of the eyes."""

for _table in (MESH_TO_68, LID_PAIRS, EYE_CORNERS):
    _table.flags.writeable = False


def to_68(mesh: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the 68 landmarks of a mesh.

    Parameters
    ----------
    mesh
        float32 (468, 3), px of the frame.

    Returns
    -------
    NDArray[np.float32]
        (68, 2), px of the frame.

    Raises
    ------
    ValueError
        If the mesh has another shape.
    """
    check_mesh(mesh)
    return mesh[MESH_TO_68, :2]


def lid_apertures(mesh: NDArray[np.float32]) -> tuple[float, float]:
    """Return how far each eye is open: mean distance of upper and lower lid, px.

    Parameters
    ----------
    mesh
        float32 (468, 3), px of the frame.

    Returns
    -------
    tuple of float
        Of the eye at the left and at the right of the picture.

    Raises
    ------
    ValueError
        If the mesh has another shape.
    """
    check_mesh(mesh)
    left, right = apertures(mesh, LID_PAIRS)
    return float(left), float(right)


def check_mesh(mesh: NDArray[np.float32]) -> None:
    """Raise ValueError unless a mesh is (468, 3)."""
    if mesh.shape != (MESH_POINTS, 3):
        raise ValueError(f"a mesh is ({MESH_POINTS}, 3), not {mesh.shape}")
