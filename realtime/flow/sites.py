"""Where the flow is read on a face: ten patches, the nose box, and points that follow the skull."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.faces.landmarks import MESH_TO_68, lid_apertures
from realtime.flow.canonical import Anchor, eye_distance
from realtime.flow.kernels.places import box_around, crop_mesh, gathered, mean_point
from realtime.flow.parameters import EYE_DISTANCE_PX
from realtime.types import Face

PATCH_LANDMARKS: Final = (18, 19, 20, 23, 24, 25, 48, 51, 54, 57)
NOSE_LANDMARKS: Final = (29, 30)
INNER_EYES: Final = (39, 42)

HEAD_POINTS: Final = (
    *(168, 6, 197, 195, 5, 4, 1, 8, 9),  # ridge and tip of the nose, between the brows
    *(193, 417, 122, 351, 114, 343, 188, 412, 174, 399, 236, 456, 198, 420),  # its sides
    *(133, 362, 33, 263),  # corners of the eyes
    *(10, 151, 109, 338, 67, 297, 108, 337, 103, 332, 54, 284),  # forehead
    *(21, 251, 162, 389, 127, 356, 234, 454),  # temples, in front of the ears
)
"""Mesh points that move with the skull: many, because each of them deforms at some time."""

EYE_CORNERS: Final = (133, 362, 33, 263)
FOREHEAD: Final = (10, 151, 109, 338, 67, 297, 108, 337, 103, 332, 54, 284)
DEFORMING_TRUST: Final = 0.3
"""Lids pull at the corners of the eyes with every blink, and the forehead goes up with the brows:
believed in full, the fit would take a raised brow for a nod."""

HEAD_TRUST: Final = np.where(np.isin(HEAD_POINTS, EYE_CORNERS + FOREHEAD), DEFORMING_TRUST, 1.0)
"""float64 (47,): how far each head point is believed, whatever its texture."""

NOSE_MARGIN: Final = 0.35
"""Widening of the nose box, in halves of the distance between the inner eye corners."""


# indexing by arrays that are made once: a list would be converted for every frame
_HEAD: Final = np.array(HEAD_POINTS)
_PATCHES: Final = np.array(PATCH_LANDMARKS)
_PATCHES_ON_MESH: Final = np.array(MESH_TO_68)[_PATCHES]
_NOSE: Final = np.array(NOSE_LANDMARKS)
_INNER_EYES: Final = np.array(INNER_EYES)


@dataclass(frozen=True, slots=True)
class Sites:
    """The places of one window's first frame, on the crop.

    Attributes
    ----------
    patches
        float32 (10, 2), centres (x, y) px.
    nose
        float32 (4,): x0, y0, x1, y1 of the nose box, px.
    rigid
        float32 (47, 2), px: points that follow the skull.
    rigid_depth, patch_depth
        float32 (47,) and (10,): depth in crop px, zero at the mean of the rigid points.
    mesh
        float32 (468, 3), px; depth as above.
    to_canonical
        Canonical px per crop px: 1 when the eye corners are exactly 96 px apart on the crop.
    """

    patches: NDArray[np.float32]
    nose: NDArray[np.float32]
    rigid: NDArray[np.float32]
    rigid_depth: NDArray[np.float32]
    patch_depth: NDArray[np.float32]
    mesh: NDArray[np.float32]
    to_canonical: float

    @property
    def centre(self) -> NDArray[np.float32]:
        """Mean of the rigid points, float32 (2,), px."""
        return np.asarray(mean_point(self.rigid))

    @classmethod
    def of(cls, face: Face, anchor: Anchor) -> "Sites":
        """Return the sites of a face in an anchor's crop."""
        landmarks = anchor.to_crop(face.landmarks)
        scale = np.float32(anchor.scale)
        # numpy adds in another order than a loop would, which decides the last digit
        middle = np.float32((face.mesh[_HEAD, 2] * scale).sum() / len(_HEAD))
        mesh = crop_mesh(face.mesh, anchor.matrix, scale, middle)
        rigid, rigid_depth = gathered(mesh, _HEAD)
        _, patch_depth = gathered(mesh, _PATCHES_ON_MESH)
        return cls(
            patches=landmarks[_PATCHES],
            nose=nose_box(landmarks),
            rigid=rigid,
            rigid_depth=rigid_depth,
            patch_depth=patch_depth,
            mesh=mesh,
            to_canonical=EYE_DISTANCE_PX / eye_distance(landmarks),
        )


def nose_box(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the box around the nose tip that stands for the head: x0, y0, x1, y1, px."""
    return np.asarray(box_around(landmarks, _NOSE, _INNER_EYES, NOSE_MARGIN))


def canonical_lids(face: Face) -> NDArray[np.float32]:
    """Return the apertures of the two eyes, float32 (2,), canonical px."""
    scale = EYE_DISTANCE_PX / eye_distance(face.landmarks)
    return np.array(lid_apertures(face.mesh), np.float32) * np.float32(scale)
