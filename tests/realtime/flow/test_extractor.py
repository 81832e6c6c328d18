"""Windows from ticks: which, when, and what they hold."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engines.intervals import Kind
from realtime.flow.canonical import MAX_DRIFT_PX
from realtime.flow.extractor import FLOWS, MAX_BANKS, WindowExtractor
from realtime.flow.parameters import EYE_DISTANCE_PX, FlowParameters
from realtime.flow.posture import posture_rows
from realtime.flow.step import Alignment
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression
from realtime.types import FLOW_NODES, HALF_WINDOW, NODES, WINDOW, Face, FlowWindow
from tests.realtime.flow.flow_makers import face_of, film, grey_of, make_face, moved, texture

FLOW = slice(0, len(FLOW_NODES))
MOTION = slice(0, NODES.index("head_roll_scale") + 1)
LIDS = NODES.index("lids")
SHIFT = NODES.index("head_shift")

Image = NDArray[np.uint8]

GREY = texture((240, 320))
FACE = make_face()


def stream(
    frames: list[tuple[Image, Face]],
    first_tick: int = 0,
    extractor: WindowExtractor | None = None,
) -> list[FlowWindow]:
    """Windows of a whole stream, ends padded."""
    extractor = extractor or WindowExtractor()
    out: list[FlowWindow] = []
    for tick, (grey, face) in enumerate(frames, start=first_tick):
        step = extractor.first if tick == first_tick else extractor.push
        out += step(tick, grey, face)
    return out + extractor.finish()


@cache
def walking(tick: int, px: float) -> tuple[Image, Face]:
    return texture((240, 320), (px * tick, 0)), moved(FACE, (px * tick, 0))


def walk(ticks: int, px: float = 1.0) -> list[tuple[Image, Face]]:
    """A face that goes to the right by so many px a tick."""
    return [walking(tick, px) for tick in range(ticks)]


def equal(one: list[FlowWindow], other: list[FlowWindow]) -> bool:
    """Bit for bit."""
    return len(one) == len(other) and all(
        left.tick == right.tick and np.array_equal(left.features, right.features)
        for left, right in zip(one, other, strict=True)
    )


@settings(deadline=None, max_examples=6)
@given(st.integers(1, 20))
def test_a_stream_of_n_frames_gives_one_window_per_frame_in_order(frames: int) -> None:
    windows = stream([(GREY, FACE)] * frames)
    assert [window.tick for window in windows] == list(range(frames))


def test_an_extractor_that_saw_nothing_finishes_with_nothing() -> None:
    assert WindowExtractor().finish() == []


def test_a_window_comes_when_its_last_frame_is_there() -> None:
    extractor = WindowExtractor()
    assert extractor.first(0, GREY, FACE) == []
    for tick in range(1, HALF_WINDOW):
        assert extractor.push(tick, GREY, FACE) == []
    for tick in range(HALF_WINDOW, HALF_WINDOW + 5):
        assert [w.tick for w in extractor.push(tick, GREY, FACE)] == [tick - HALF_WINDOW]


def test_inside_a_stream_nothing_is_padded() -> None:
    extractor = WindowExtractor()
    ticks = [w.tick for tick in range(100, 120) for w in extractor.push(tick, GREY, FACE)]
    assert ticks == list(range(100 + HALF_WINDOW, 120 - HALF_WINDOW))


def test_an_interruption_drops_the_windows_under_way() -> None:
    extractor = WindowExtractor()
    before = [w.tick for tick in range(20) for w in extractor.push(tick, GREY, FACE)]
    extractor.interrupt()
    after = [w.tick for tick in range(30, 50) for w in extractor.push(tick, GREY, FACE)]
    assert before == list(range(8, 12))
    assert after == list(range(38, 42))


def test_a_jump_of_ticks_is_refused() -> None:
    extractor = WindowExtractor()
    extractor.push(4, GREY, FACE)
    with pytest.raises(ValueError, match="tick 6 does not follow 4"):
        extractor.push(6, GREY, FACE)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_still_picture_does_not_move(flow: str) -> None:
    extractor = WindowExtractor(flow=flow, parameters=FlowParameters(zoom=0.5))
    for window in stream([(GREY, FACE)] * 2, extractor=extractor):
        assert np.abs(window.features).max() < 0.01


def test_the_first_frame_of_a_window_has_not_moved_from_itself() -> None:
    frames = [
        (texture((240, 320), (0.7 * k, 0.3 * k)), moved(FACE, (0.7 * k, 0.3 * k)))
        for k in range(30)
    ]
    for window in stream(frames):
        assert (window.features[0, MOTION] == 0).all()


def test_a_shift_of_the_face_is_head_motion_in_canonical_px() -> None:
    scale = EYE_DISTANCE_PX / 60
    frames = [(texture((240, 320), (0.5 * k, 0)), moved(FACE, (0.5 * k, 0))) for k in range(17)]
    window = stream(frames)[8]
    expected = 0.5 * scale * np.arange(WINDOW)
    assert window.features[:, SHIFT, 0] == pytest.approx(expected, rel=0.03, abs=0.05)
    assert np.median(np.abs(window.features[:, FLOW])) < 0.1


def test_a_closing_lid_is_the_change_of_its_aperture() -> None:
    frames = [(GREY, make_face(lid=0.1 - 0.05 * (k >= 5))) for k in range(17)]
    lids = stream(frames)[8].features[:, LIDS]
    assert lids[:5] == pytest.approx(0, abs=1e-3)
    assert lids[5:] == pytest.approx(-0.05 * EYE_DISTANCE_PX, abs=0.01)


def test_windows_keep_coming_while_the_face_walks_from_anchor_to_anchor() -> None:
    """1.6 canonical px a tick: a new anchor about every nine ticks, no window is lost."""
    assert 5 * MAX_DRIFT_PX < 1.6 * 60
    windows = stream(walk(60))
    assert [window.tick for window in windows] == list(range(60))
    for window in windows[10:50]:
        assert np.median(np.abs(window.features[:, FLOW])) < 0.2
        assert window.features[-1, SHIFT, 0] == pytest.approx(16 * 1.6, rel=0.05)


def test_a_bank_is_put_aside_with_its_last_window_and_serves_the_next_anchor() -> None:
    """The walk needs many anchors, and a few banks by turns."""
    extractor, banks, anchors = WindowExtractor(), set(), set()
    for tick, (grey, face) in enumerate(walk(80)):
        extractor.push(tick, grey, face)
        banks |= {id(bank) for _, bank in extractor._banks}
        anchors |= {tuple(anchor.matrix.ravel()) for anchor, _ in extractor._banks}
        assert not any(bank.idle for _, bank in extractor._banks)
    assert len(anchors) >= 8
    assert len(banks) <= 4


def test_a_face_that_jumps_at_every_tick_is_followed_in_constant_memory() -> None:
    extractor, banks = WindowExtractor(), set()
    for tick in range(40):
        far = moved(FACE, (100.0 * (tick % 2), 0))
        extractor.push(tick, GREY, far)
        banks |= {id(bank) for _, bank in (*extractor._banks, *enumerate(extractor._spare))}
        assert len(extractor._banks) <= MAX_BANKS
    assert len(banks) <= MAX_BANKS


def test_windows_whose_anchor_had_to_go_are_lost_and_later_ones_are_whole() -> None:
    """A face that jumps about takes all banks; when it stands still, windows come again."""
    extractor, during, after = WindowExtractor(), [], []
    for tick in range(30):
        during += extractor.push(tick, GREY, moved(FACE, (100.0 * (tick % 2), 0)))
    for tick in range(30, 60):
        after += extractor.push(tick, GREY, FACE)
    assert during == []
    ticks = [window.tick for window in after]
    assert ticks == list(range(ticks[0], 60 - HALF_WINDOW))
    assert ticks[0] <= 30 + HALF_WINDOW
    for window in after[HALF_WINDOW:]:
        assert np.abs(window.features).max() < 0.01


def test_an_interrupted_extractor_is_as_good_as_new() -> None:
    """Its banks' memory holds another stream; not a bit of that may show."""
    used = WindowExtractor()
    for tick, (grey, face) in enumerate(walk(25, px=1.4), start=1000):
        used.push(tick, grey, face)
    used.interrupt()
    assert equal(stream(walk(20), extractor=used), stream(walk(20)))
    assert equal(stream(walk(20), extractor=used), stream(walk(20)))


@pytest.mark.parametrize("alignment", list(Alignment))
def test_two_threads_give_the_windows_of_one_bit_for_bit(alignment: Alignment) -> None:
    two = WindowExtractor(alignment, threads=2)
    windows = stream(walk(24), extractor=two)
    two.close()
    assert equal(windows, stream(walk(24), extractor=WindowExtractor(alignment)))


def test_where_a_stream_begins_on_the_clock_changes_nothing_but_its_ticks() -> None:
    """Rows are found by ticks modulo a window: any first tick will do."""
    plain = stream(walk(20))
    for first in (-3, 1_000_001):
        late = stream(walk(20), first_tick=first)
        for one, other in zip(plain, late, strict=True):
            assert other.tick == one.tick + first
            assert (other.features == one.features).all()


def test_windows_are_the_callers_to_keep() -> None:
    windows = stream(walk(20))
    kept = [window.features.copy() for window in windows]
    windows[5].features[:] = 77
    assert all(
        (window.features == copy).all()
        for k, (window, copy) in enumerate(zip(windows, kept, strict=True))
        if k != 5
    )


def test_a_flow_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="streaming, reference, not 'fast'"):
        WindowExtractor(flow="fast")


def smile() -> Expression:
    return Expression(Kind.MACRO, (("AU12", 1.0),), Side.BOTH, 0.05, 0.55, 1.05, 6.0, 0.45, 0.45)


@pytest.mark.parametrize("factor", [0.5])
def test_a_face_near_and_far_gives_the_same_features(factor: float) -> None:
    """The same picture at half the size: flow within a few per cent of what moves."""
    shots = film([smile()], 17, size=(640, 480))
    near = [(grey_of(shot.image), face_of(shot.mesh)) for shot in shots]
    far = []
    for shot in shots:
        small = cv2.resize(shot.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        # the centre of the first pixel is half a pixel from the picture's corner
        mesh = shot.mesh * factor
        mesh[:, :2] += (factor - 1) / 2
        far.append((grey_of(np.asarray(small, np.uint8)), face_of(mesh)))
    one, other = (stream(frames)[8].features for frames in (near, far))
    peak = np.abs(one[:, FLOW]).max()
    assert peak > 3
    assert np.abs(one[:, FLOW] - other[:, FLOW]).max() < 0.1 * peak
    assert np.median(np.abs(one[:, FLOW] - other[:, FLOW])) < 0.02 * peak


def test_a_coarser_crop_gives_nearly_the_same_windows() -> None:
    """Windows and patches in proportion."""
    shots = film([smile()], 17, size=(640, 480))
    frames = [(grey_of(shot.image), face_of(shot.mesh)) for shot in shots]
    fine = FlowParameters(zoom=1.0, window_px=15, patch_radius_px=5)
    coarse = FlowParameters(zoom=0.75, window_px=11, patch_radius_px=4)
    one, other = (
        stream(frames, extractor=WindowExtractor(parameters=parameters))[8].features
        for parameters in (fine, coarse)
    )
    peak = np.abs(one[:, FLOW]).max()
    assert peak > 3
    assert np.corrcoef(one[:, FLOW].ravel(), other[:, FLOW].ravel())[0, 1] >= 0.99
    assert np.median(np.abs(one[:, FLOW] - other[:, FLOW])) < 0.03 * peak
    assert other[:, SHIFT] == pytest.approx(one[:, SHIFT], abs=0.03 * peak)


def test_equal_frames_give_equal_windows_bit_for_bit() -> None:
    frames = walk(20, px=0.4)
    assert equal(stream(frames), stream(frames))


def test_windows_have_every_node_of_the_contract() -> None:
    (window,) = stream([(GREY, FACE)])
    assert window.features.shape == (WINDOW, len(NODES), 2)
    assert posture_rows(window.features).shape[1] == len(NODES) - MOTION.stop
