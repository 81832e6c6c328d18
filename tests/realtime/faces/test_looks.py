"""What faces look like, on drawn ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.faces.looks import look_of, unlike
from realtime.types import MESH_POINTS


def face_at(x: float, y: float, eyes_px: float = 60) -> NDArray[np.float32]:
    mesh = np.zeros((MESH_POINTS, 3), np.float32)
    mesh[33, :2], mesh[263, :2] = (x - eyes_px / 2, y), (x + eyes_px / 2, y)
    mesh[61, :2], mesh[291, :2] = (x - 15, y + eyes_px), (x + 15, y + eyes_px)
    return mesh


def drawing(seed: int, size: int = 240) -> NDArray[np.uint8]:
    """Large soft blots of colour, another pattern for each seed."""
    blots = np.random.default_rng(seed).integers(40, 200, (8, 8, 3))
    return np.kron(blots, np.ones((size // 8, size // 8, 1))).astype(np.uint8)


def test_a_face_is_like_itself_wherever_it_is_and_in_another_light() -> None:
    image = drawing(1)
    look = look_of(image, face_at(120, 100))
    moved = np.roll(image, (9, 14), (0, 1))
    assert unlike(look, look_of(moved, face_at(134, 109))) < 0.01
    brighter = np.clip(image * 1.2 + 10, 0, 255).astype(np.uint8)
    assert unlike(look, look_of(brighter, face_at(120, 100))) < 0.05
    assert np.linalg.norm(look) == pytest.approx(1, abs=1e-5)


def test_another_face_is_unlike_it() -> None:
    one, other = (look_of(drawing(seed), face_at(120, 100)) for seed in (1, 2))
    assert unlike(one, other) > 0.5


@pytest.mark.parametrize(
    "mesh",
    [np.zeros((MESH_POINTS, 3), np.float32), face_at(-500, -500), face_at(120, 100, 1e5)],
    ids=["a point", "outside", "far too large"],
)
def test_a_mesh_that_is_no_face_has_a_look_all_the_same(mesh: NDArray[np.float32]) -> None:
    look = look_of(drawing(1), mesh)
    assert look.shape == (768,)
    assert np.isfinite(look).all()


def test_a_picture_without_contrast_is_half_like_everything() -> None:
    look = look_of(np.full((240, 240, 3), 90, np.uint8), face_at(120, 100))
    assert unlike(look, look_of(drawing(1), face_at(120, 100))) == 1
