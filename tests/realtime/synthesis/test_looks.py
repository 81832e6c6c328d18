"""What the eye would catch first: rims, teeth that slide, scalloped cheeks."""

import numpy as np
import pytest

from realtime.synthesis.pose import OVAL, skull_of
from realtime.synthesis.render import Renderer
from realtime.synthesis.state import FaceState
from tests.realtime.synthesis.synthesis_makers import acting

UPPER_LIP, LOWER_LIP = 13, 14


def mouth_row(renderer: Renderer, state: FaceState) -> tuple[np.ndarray, tuple[int, int]]:
    """Grey values down the middle of the mouth, and the rows of its neutral opening."""
    mesh = renderer.stage.mesh
    column = int(mesh[UPPER_LIP, 0])
    image = renderer.render(state).image[:, column - 3 : column + 4]
    rows = int(np.ceil(mesh[UPPER_LIP, 1])), int(mesh[LOWER_LIP, 1])
    return image.mean(axis=(1, 2)), rows


@pytest.mark.parametrize("unit", ["AU25", "AU26"])
def test_lips_that_hardly_part_change_the_picture_hardly(renderer: Renderer, unit: str) -> None:
    still, _ = mouth_row(renderer, FaceState())
    parted, _ = mouth_row(renderer, FaceState(acting(**{unit: 0.05})))
    assert np.abs(parted - still).max() < 8


def test_a_dropped_jaw_leaves_the_upper_teeth_in_place(renderer: Renderer) -> None:
    still, (top, bottom) = mouth_row(renderer, FaceState())
    dropped, _ = mouth_row(renderer, FaceState(acting(AU26=6)))
    teeth = slice(top + 1, (top + bottom) // 2)
    assert np.abs(dropped[teeth] - still[teeth]).mean() < 12


def test_a_dropped_jaw_shows_a_dark_mouth_below_the_teeth(renderer: Renderer) -> None:
    mesh = renderer.render(FaceState(acting(AU26=8))).mesh
    still, (top, _) = mouth_row(renderer, FaceState())
    dropped, _ = mouth_row(renderer, FaceState(acting(AU26=8)))
    lip = int(mesh[LOWER_LIP, 1])
    assert dropped[lip - 5 : lip - 2].mean() < 0.5 * still[top : top + 4].mean()


def test_a_turned_cheek_has_no_scallops(renderer: Renderer) -> None:
    mesh, eyes = renderer.stage.mesh, renderer.stage.eyes_px
    oval = mesh[list(OVAL), :2]
    closed = np.concatenate([oval, oval[:1]])
    at = np.linspace(0, len(oval), 8 * len(oval), endpoint=False)
    ring = np.stack([np.interp(at, range(len(closed)), closed[:, axis]) for axis in (0, 1)], axis=1)
    depth = skull_of(ring.astype(np.float32), mesh, renderer.stage.size).depth
    waves = 2 * np.abs(np.fft.rfft(depth)) / len(depth)
    # one scallop per vertex of the outline is a wave of as many periods around it
    near = slice(len(oval) - 6, len(oval) + 6)
    assert waves[near].max() < 0.008 * eyes
