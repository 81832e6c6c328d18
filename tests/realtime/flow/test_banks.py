"""The two flow implementations: against known motion, and against each other."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.intervals import Kind
from realtime.flow.bank import PairBank, Steps
from realtime.flow.canonical import Anchor
from realtime.flow.extractor import FLOWS
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression
from realtime.types import WINDOW
from tests.realtime.flow.flow_makers import (
    face_of,
    film,
    grey_of,
    make_bank,
    make_sites,
    steps_of_first,
    texture,
)

Image = NDArray[np.uint8]

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

TICKS = 10
CROP_SIZE = FlowParameters().crop_size
FINE = FlowParameters(zoom=1.0, window_px=15, patch_radius_px=5)
COARSE = FlowParameters(zoom=0.75, window_px=11, patch_radius_px=4)


@cache
def moving_face(parameters: FlowParameters | None = None) -> tuple[list[Image], Sites]:
    """Crops of a rendered face that smiles and lifts its brows, and the sites of the first."""
    shots = film([EXPRESSION], TICKS)
    face = face_of(shots[0].mesh)
    anchor = Anchor.of(face.landmarks, parameters)
    return [anchor.crop(grey_of(shot.image)) for shot in shots], Sites.of(face, anchor)


def same(one: Steps, other: Steps) -> bool:
    """Bit for bit."""
    return (
        np.array_equal(one.starts, other.starts)
        and np.array_equal(one.patches, other.patches)
        and np.array_equal(one.motions, other.motions)
    )


def pushed(bank: PairBank, crops: Sequence[Image], places: Sites) -> list[Steps]:
    """Push every crop and open a window on each, as the extractor does."""
    out = []
    for tick, crop in enumerate(crops):
        out.append(bank.push(crop))
        bank.open(tick, places)
    return out


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("alignment", list(Alignment))
@pytest.mark.parametrize("shift", [(0.4, -0.3), (2.5, 1.5), (-6.0, 4.0)])
def test_a_shift_of_the_whole_face_is_head_motion_and_none_is_left_on_the_patches(
    flow: str, alignment: Alignment, shift: tuple[float, float]
) -> None:
    crops = [texture(), texture(shift=shift)]
    steps = steps_of_first(make_bank(flow, alignment), crops, make_sites())
    assert steps.motions[0, :2] == pytest.approx(shift, rel=0.02, abs=0.05)
    assert np.median(np.abs(steps.patches)) < 0.05


@pytest.mark.parametrize("flow", FLOWS)
def test_the_nose_tells_a_translation_and_nothing_else(flow: str) -> None:
    crops = [texture(), texture(shift=(1.0, 2.0))]
    steps = steps_of_first(make_bank(flow, Alignment.NOSE), crops, make_sites())
    assert (steps.motions[:, 2:] == 0).all()


@pytest.mark.parametrize("alignment", list(Alignment))
def test_a_slow_drift_of_many_px_is_followed_to_the_end_of_the_window(alignment: Alignment) -> None:
    """Sixteen steps of 0.9 px: every pair starts from the one before it."""
    drift = np.outer(np.arange(WINDOW), (0.9, -0.5))
    crops = [texture(shift=(x, y)) for x, y in drift]
    steps = steps_of_first(make_bank("streaming", alignment), crops, make_sites())
    assert len(steps) == WINDOW - 1
    assert steps.motions[:, :2] == pytest.approx(drift[1:], rel=0.02, abs=0.05)


def test_the_flow_does_not_hang_on_where_the_window_began() -> None:
    """The pair from frame 5 to frame 9 is the same, whatever came before frame 5."""
    crops = [texture(shift=(0.6 * k, 0.3 * k)) for k in range(10)]
    places = make_sites()
    whole = pushed(make_bank("streaming"), crops, places)[9]
    late = pushed(make_bank("streaming"), crops[5:], places)[4]
    assert whole.starts[5] == 5
    assert np.array_equal(whole.patches[5:], late.patches)
    assert np.array_equal(whole.motions[5:], late.motions)


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("alignment", list(Alignment))
@pytest.mark.parametrize("grey", [0, 127, 255])
def test_flat_pictures_do_not_move(flow: str, alignment: Alignment, grey: int) -> None:
    flat = np.full(CROP_SIZE, grey, np.uint8)
    steps = steps_of_first(make_bank(flow, alignment), [flat, flat], make_sites())
    assert np.abs(steps.patches).max() < 1e-3
    assert np.abs(steps.motions).max() < 1e-3


@pytest.mark.parametrize("alignment", list(Alignment))
@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 4, np.pi / 2])
def test_stripes_whose_motion_cannot_be_seen_give_finite_numbers(
    alignment: Alignment, angle: float
) -> None:
    y, x = np.mgrid[: CROP_SIZE[0], : CROP_SIZE[1]]
    along = (x * np.cos(angle) + y * np.sin(angle)) % 12
    crops = [np.where((along + shift) % 12 < 6, 0, 255).astype(np.uint8) for shift in range(4)]
    steps = steps_of_first(make_bank("streaming", alignment), crops, make_sites())
    assert np.isfinite(steps.patches).all()
    assert np.isfinite(steps.motions).all()


@pytest.mark.parametrize("flow", FLOWS)
def test_a_bank_gives_sixteen_steps_a_window_and_then_is_idle(flow: str) -> None:
    bank = make_bank(flow)
    assert bank.idle
    with pytest.raises(ValueError, match="push a frame"):
        bank.open(0, make_sites())
    assert len(bank.push(texture())) == 0
    bank.open(5, make_sites())
    steps = [bank.push(texture()) for _ in range(WINDOW + 1)]
    assert [list(part.starts) for part in steps] == [[5]] * (WINDOW - 1) + [[], []]
    assert bank.idle


@pytest.mark.parametrize("flow", FLOWS)
def test_clearing_closes_every_window(flow: str) -> None:
    bank = make_bank(flow)
    pushed(bank, [texture()] * 2, make_sites())
    bank.clear()
    assert bank.idle
    assert len(bank.push(texture())) == 0


@pytest.mark.parametrize("flow", FLOWS)
def test_steps_are_of_the_open_windows_oldest_first(flow: str) -> None:
    """The reference is asked for few frames: it takes a tenth of a second a pair."""
    frames = 4 if flow == "reference" else WINDOW + 5
    steps = pushed(make_bank(flow, Alignment.NOSE), [texture()] * frames, make_sites())
    for tick, part in enumerate(steps):
        assert part.starts.tolist() == list(range(max(0, tick - WINDOW + 1), tick))
        assert part.patches.shape == (len(part), 10, 2)
        assert part.motions.shape == (len(part), 6)
        assert part.patches.dtype == np.float32


@pytest.mark.parametrize("flow", FLOWS)
def test_a_cleared_bank_is_as_good_as_new(flow: str) -> None:
    """Whatever it held before: bit-equal steps."""
    crops, places = moving_face()
    crops = crops[:4]
    used, fresh = make_bank(flow), make_bank(flow)
    pushed(used, [texture(seed=seed) for seed in range(6)], make_sites())
    used.clear()
    with pytest.raises(ValueError, match="push a frame"):
        used.open(0, places)
    results = zip(pushed(used, crops, places), pushed(fresh, crops, places), strict=True)
    assert all(same(one, other) for one, other in results)


@cache
def steps_of_face(flow: str, alignment: Alignment) -> Steps:
    crops, places = moving_face()
    return steps_of_first(make_bank(flow, alignment), crops, places)


@pytest.mark.parametrize("alignment", list(Alignment))
def test_the_streaming_flow_agrees_with_the_reference_on_a_moving_face(
    alignment: Alignment,
) -> None:
    fast, slow = (steps_of_face(flow, alignment).patches for flow in ("streaming", "reference"))
    assert np.abs(slow).max() > 1.5
    assert np.corrcoef(fast.ravel(), slow.ravel())[0, 1] >= 0.99
    assert np.median(np.abs(fast - slow)) <= 0.03


@pytest.mark.parametrize("alignment", list(Alignment))
def test_both_flows_take_out_the_same_head_motion(alignment: Alignment) -> None:
    fast, slow = (steps_of_face(flow, alignment).motions for flow in ("streaming", "reference"))
    # px at the nose, at an outer eye corner, and 30 px in front
    levers = np.array([1, 1, 48, 48, 30, 30])
    assert np.abs(fast - slow).max(axis=0) * levers == pytest.approx(0, abs=0.05)


def test_a_coarser_crop_gives_nearly_the_same_features() -> None:
    """Windows and patches in proportion, on the same rendered face."""
    fine, coarse = (canonical_patches(parameters) for parameters in (FINE, COARSE))
    assert np.corrcoef(fine.ravel(), coarse.ravel())[0, 1] >= 0.99
    assert np.median(np.abs(fine - coarse)) < 0.03 * np.abs(fine).max()


def canonical_patches(parameters: FlowParameters) -> NDArray[np.float32]:
    crops, places = moving_face(parameters)
    bank = make_bank("streaming", Alignment.RIGID, parameters)
    return steps_of_first(bank, crops, places).patches * np.float32(places.to_canonical)


@pytest.mark.parametrize("wrong", [(224, 100), (10, 10), (3000, 3000), (0, 0)])
def test_a_crop_of_another_size_is_refused(wrong: tuple[int, int]) -> None:
    """Kernels that trusted it would write beyond their arrays."""
    with pytest.raises(ValueError, match=r"a crop has \d+ x \d+ px here, not"):
        make_bank("streaming").push(np.zeros(wrong, np.uint8))


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("alignment", list(Alignment))
def test_sites_far_outside_the_crop_are_read_at_its_border(flow: str, alignment: Alignment) -> None:
    places = make_sites()
    far = replace(
        places,
        patches=places.patches + np.float32(5000),
        nose=places.nose - np.float32(5000),
        rigid=places.rigid * np.float32(-300),
    )
    crops = [texture(shift=(0.5 * k, 0)) for k in range(3)]
    steps = steps_of_first(make_bank(flow, alignment), crops, far)
    assert np.isfinite(steps.patches).all()
    assert np.isfinite(steps.motions).all()
