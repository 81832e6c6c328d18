"""Portraits to animate: a picture, the mesh of its face and the outline of its person.

Both networks are inside the ``mediapipe`` wheel, so nothing is downloaded.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from engines.errors import UsageError
from realtime.faces.deferred import UNUSED_BY_FACES, deferred
from realtime.faces.quiet import native_quiet, set_native_log_levels
from realtime.types import MESH_POINTS

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
LARGEST_SIDE: Final = 1200
SMALLEST_EYES_PX: Final = 40.0
EYE_RIGHT, EYE_LEFT = 33, 263
"""Mesh points of the outer eye corners; the first lies on the left of the picture."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One person that the renderer can animate.

    Attributes
    ----------
    name
        Name of the picture, without folder and suffix.
    image
        uint8 RGB (H, W, 3).
    mesh
        float32 (468, 3), px of the picture, MediaPipe's numbering; z negative to the viewer.
    matte
        float32 (H, W) in [0, 1], 1 on the person.
    """

    name: str
    image: NDArray[np.uint8]
    mesh: NDArray[np.float32]
    matte: NDArray[np.float32]

    @property
    def eyes_px(self) -> float:
        """Distance of the outer eye corners, px of the picture."""
        return float(np.linalg.norm(self.mesh[EYE_RIGHT, :2] - self.mesh[EYE_LEFT, :2]))


def default_portrait() -> Portrait:
    """Return the portrait inside scikit-image (Eileen Collins, NASA, public domain)."""
    picture = np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]
    return portrait_of("astronaut", picture)


def load_portrait(path: Path) -> Portrait:
    """Read one picture.

    Raises
    ------
    UsageError
        If the file is no picture, or shows no face, or a face too small to animate.
    """
    encoded = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if image is None:
        raise UsageError(f"portrait {path}: not a readable picture; give a PNG or JPEG file")
    return portrait_of(path.stem, np.asarray(image[:, :, ::-1], np.uint8))


def find_portraits(folder: Path) -> list[Path]:
    """Return the pictures of a folder in the order of their names.

    Raises
    ------
    UsageError
        If the folder does not exist or holds no picture.
    """
    if not folder.is_dir():
        raise UsageError(f"portraits {folder}: no such folder; give a folder of pictures")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    if not found:
        raise UsageError(f"portraits {folder}: holds no picture ({', '.join(PICTURES)})")
    return found


def portrait_of(name: str, image: NDArray[np.uint8]) -> Portrait:
    """Find the face and the person in a picture.

    Parameters
    ----------
    name
        Used in messages and manifests.
    image
        uint8 RGB (H, W, 3); reduced when a side is longer than 1200 px.

    Raises
    ------
    UsageError
        If there is no face, or its outer eye corners are less than 40 px apart.
    """
    scale = LARGEST_SIDE / max(image.shape[:2])
    if scale < 1:
        reduced = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        image = np.asarray(reduced, np.uint8)
    image = np.ascontiguousarray(image)
    set_native_log_levels()
    with native_quiet():
        portrait = Portrait(name, image, _mesh(name, image), _matte(image))
    if portrait.eyes_px < SMALLEST_EYES_PX:
        raise UsageError(
            f"portrait {name}: the eyes are {portrait.eyes_px:.0f} px apart; "
            f"give a picture with at least {SMALLEST_EYES_PX:.0f}"
        )
    return portrait


def _mesh(name: str, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    # mediapipe takes seconds to import: pay only when a face is to be rendered
    with deferred(*UNUSED_BY_FACES):
        from mediapipe.python.solutions import face_mesh  # noqa: PLC0415

    with face_mesh.FaceMesh(
        static_image_mode=True, max_num_faces=1, refine_landmarks=True
    ) as finder:
        faces = finder.process(image).multi_face_landmarks
    if not faces:
        raise UsageError(
            f"portrait {name}: no face found; give a picture of one face from the front"
        )
    height, width = image.shape[:2]
    points = [(p.x * width, p.y * height, p.z * width) for p in faces[0].landmark]
    return np.asarray(points[:MESH_POINTS], np.float32)


def _matte(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    with deferred(*UNUSED_BY_FACES):
        from mediapipe.python.solutions import selfie_segmentation  # noqa: PLC0415

    with selfie_segmentation.SelfieSegmentation(model_selection=0) as network:
        coarse = np.asarray(network.process(image).segmentation_mask, np.float32)
    # the network works on 256 px: the picture itself says where the edge of the hair is
    radius = max(4, image.shape[0] // 60)
    fine = cv2.ximgproc.guidedFilter(image, coarse, radius, (0.02 * 255) ** 2)
    matte = np.clip((np.asarray(fine, np.float32) - 0.08) / 0.7, 0, 1)
    return _largest_part(matte)


def _largest_part(matte: NDArray[np.float32]) -> NDArray[np.float32]:
    solid = (matte > 0.3).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if len(stats) < 2:
        return matte
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    keep = cv2.dilate((labels == largest).astype(np.uint8), np.ones((7, 7), np.uint8))
    return np.asarray(matte * keep, np.float32)
