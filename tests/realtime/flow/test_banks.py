"""The two flow implementations: against known motion, and against each other."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.flow.canonical import CROP_HEIGHT, CROP_WIDTH, Anchor
from realtime.flow.extractor import BANKS
from realtime.flow.kernels import displacement, expansion, features, pooling, rigid, sampling
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.flow.streaming import site_box
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression
from realtime.types import WINDOW, Kind
from tests.realtime.flow.flow_makers import face_of, film, grey_of, make_face, texture

EXPRESSION = Expression(
    Kind.MACRO,
    (("AU12", 1.0), ("AU1", 0.8), ("AU2", 0.8)),
    Side.BOTH,
    0.03,
    0.5,
    1.0,
    6.0,
    0.4,
    0.4,
)


def sites() -> Sites:
    face = make_face()
    return Sites.of(face, Anchor.of(face.landmarks))


def run(
    flow: str, alignment: Alignment, crops: list[NDArray[np.uint8]], places: Sites
) -> list[tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """Steps of the window that the first crop opens."""
    bank = BANKS[flow](alignment)
    bank.push(crops[0])
    bank.open(0, places)
    return [(s.patches, s.motion) for crop in crops[1:] for s in bank.push(crop)]


@pytest.mark.parametrize("flow", sorted(BANKS))
@pytest.mark.parametrize("alignment", list(Alignment))
@pytest.mark.parametrize("shift", [(0.4, -0.3), (2.5, 1.5), (-6.0, 4.0)])
def test_a_shift_of_the_whole_face_is_head_motion_and_none_is_left_on_the_patches(
    flow: str, alignment: Alignment, shift: tuple[float, float]
) -> None:
    crops = [texture(), texture(shift=shift)]
    ((patches, motion),) = run(flow, alignment, crops, sites())
    assert motion[:2] == pytest.approx(shift, rel=0.02, abs=0.05)
    assert np.median(np.abs(patches)) < 0.05


def test_a_slow_drift_of_many_px_is_followed_to_the_end_of_the_window() -> None:
    """Sixteen steps of 0.9 px: every pair starts from the one before it."""
    crops = [texture(shift=(0.9 * k, -0.5 * k)) for k in range(WINDOW)]
    steps = run("streaming", Alignment.RIGID, crops, sites())
    assert len(steps) == WINDOW - 1
    for k, (_, motion) in enumerate(steps, start=1):
        assert motion[:2] == pytest.approx((0.9 * k, -0.5 * k), rel=0.02, abs=0.05)


@pytest.mark.parametrize("flow", sorted(BANKS))
@pytest.mark.parametrize("alignment", list(Alignment))
@pytest.mark.parametrize("grey", [0, 127, 255])
def test_flat_pictures_do_not_move(flow: str, alignment: Alignment, grey: int) -> None:
    flat = np.full((CROP_HEIGHT, CROP_WIDTH), grey, np.uint8)
    ((patches, motion),) = run(flow, alignment, [flat, flat], sites())
    assert np.abs(patches).max() < 1e-3
    assert np.abs(motion).max() < 1e-3


@pytest.mark.parametrize("flow", sorted(BANKS))
def test_a_bank_gives_sixteen_steps_a_window_and_then_is_idle(flow: str) -> None:
    bank = BANKS[flow](Alignment.RIGID)
    assert bank.idle
    with pytest.raises(ValueError, match="push a frame"):
        bank.open(0, sites())
    bank.push(texture())
    bank.open(5, sites())
    steps = [step for _ in range(WINDOW + 1) for step in bank.push(texture())]
    assert [step.start for step in steps] == [5] * (WINDOW - 1)
    assert bank.idle


@pytest.mark.parametrize("alignment", list(Alignment))
def test_the_streaming_flow_agrees_with_the_reference_on_a_moving_face(
    alignment: Alignment,
) -> None:
    shots = film([EXPRESSION], 10)
    face = face_of(shots[0].mesh)
    anchor = Anchor.of(face.landmarks)
    crops = [anchor.crop(grey_of(shot.image)) for shot in shots]
    places = Sites.of(face, anchor)
    fast, slow = (
        np.array([patches for patches, _ in run(flow, alignment, crops, places)])
        for flow in ("streaming", "reference")
    )
    assert np.abs(slow).max() > 2
    assert np.corrcoef(fast.ravel(), slow.ravel())[0, 1] >= 0.99
    assert np.median(np.abs(fast - slow)) <= 0.05


def test_a_box_is_within_the_lattice_wherever_the_sites_are() -> None:
    for centre, size in (((160, 100), 60), ((-900, 50), 60), ((5000, 5000), 9)):
        anchor = Anchor.of(make_face().landmarks)
        y0, y1, x0, x1 = site_box(Sites.of(make_face(centre, size), anchor))
        assert 0 <= y0 <= y1 <= CROP_HEIGHT // displacement.STRIDE
        assert 0 <= x0 <= x1 <= CROP_WIDTH // displacement.STRIDE


@pytest.mark.parametrize("where", [(0, 0), (23, 29), (-40, 12), (300, -300), (11.5, 400)])
def test_no_kernel_reads_beyond_its_arrays(
    where: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled code does not check: run the same source in Python, where NumPy does."""
    uncompile(monkeypatch)
    image, height, width = texture((30, 24)), 15, 12
    levels = [expansion.expansion_of(image, 1.5)] * 2
    flow = np.full((height, width, 2), 35, np.float32)
    scratch = np.empty((height, width, 5), np.float32), np.empty((width, 5), np.float32)
    box = np.array([0, height, 0, width], np.int32)
    displacement.advance(flow, -3 * flow, box)
    displacement.refine(*levels, flow, box, 3, *scratch)
    displacement.upsample(flow[:8, :6], flow.copy())
    points = np.array([where] * 10, np.float32)
    trust = rigid.texture_weights(levels[0], points, 7)
    corner = np.array(where)
    nose = np.concatenate([corner - 4, corner + 90]).astype(np.float32)
    depth = np.zeros(10, np.float32)
    motion = features.rigid_motion(flow, points, points[0], depth, trust)
    out = np.empty((10, 2), np.float32)
    features.pool_patches(flow, motion, points, points[0], depth, out)
    assert np.isfinite(out).all()
    assert np.isfinite(features.nose_motion(flow, nose)).all()


def uncompile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the Python source of every kernel in the place of its compiled form."""
    for module in (displacement, expansion, features, pooling, rigid, sampling):
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                monkeypatch.setattr(module, name, value.py_func)
    monkeypatch.setattr(pooling, "MAX_SAMPLES", 64)
