"""Windows of other lengths than the live one, measured from their own first frame."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.intervals import Kind
from realtime.flow.bank import PairBank
from realtime.flow.canonical import Anchor
from realtime.flow.extractor import FLOWS, WindowExtractor
from realtime.flow.parameters import FlowParameters
from realtime.flow.reference import ReferenceBank
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.flow.streaming import StreamingBank
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression
from realtime.types import FLOW_NODES, NODES, WINDOW, WINDOWS, Face, FlowWindow
from tests.realtime.flow.flow_makers import (
    face_of,
    film,
    grey_of,
    make_face,
    make_sites,
    moved,
    steps_of_first,
    texture,
)

Image = NDArray[np.uint8]

FLOW = slice(0, len(FLOW_NODES))
MOTION = slice(0, NODES.index("head_roll_scale") + 1)
"""All nodes but posture."""

HALF_SIZE = FlowParameters(zoom=0.5)
"""A quarter of the pixels: the reference takes a tenth of a second a pair at full size."""

SMILE = Expression(
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


def bank_of(flow: str, window: int, parameters: FlowParameters = HALF_SIZE) -> PairBank:
    if flow == "reference":
        return ReferenceBank(Alignment.RIGID, parameters, window)
    return StreamingBank(Alignment.RIGID, parameters, window=window)


@cache
def smiling(ticks: int) -> list[tuple[Image, Face]]:
    """A rendered face that smiles and lifts its brows within a second."""
    return [(grey_of(shot.image), face_of(shot.mesh)) for shot in film([SMILE], ticks)]


@cache
def swaying(ticks: int) -> list[tuple[Image, Face]]:
    """A texture that moves to and fro under a face that hardly does."""
    out = []
    for tick in range(ticks):
        shift = (3 * np.sin(tick / 4), 2 * np.sin(tick / 3))
        out.append((texture((240, 320), shift), moved(make_face(), (0.1 * tick, 0))))
    return out


def stream(frames: list[tuple[Image, Face]], extractor: WindowExtractor) -> list[FlowWindow]:
    """Windows of a whole stream, ends padded."""
    out: list[FlowWindow] = []
    for tick, (grey, face) in enumerate(frames):
        out += (extractor.push if tick else extractor.first)(tick, grey, face)
    return out + extractor.finish()


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("window", [WINDOWS[0], 9, 25, WINDOWS[-1]])
def test_a_bank_gives_a_step_less_than_a_window_has_ticks(flow: str, window: int) -> None:
    bank, places = bank_of(flow, window), make_sites(HALF_SIZE)
    crop = np.zeros(HALF_SIZE.crop_size, np.uint8)
    bank.push(crop)
    bank.open(5, places)
    steps = [len(bank.push(crop)) for _ in range(window + 1)]
    assert steps == [1] * (window - 1) + [0, 0]
    assert bank.idle


@pytest.mark.parametrize("window", [WINDOW, 25])
def test_the_streaming_flow_agrees_with_the_reference_to_the_end_of_a_window(window: int) -> None:
    """To the same bounds: what a step is measured against is its first frame, however far back."""
    frames, size = smiling(window), FlowParameters()
    anchor = Anchor.of(frames[0][1].landmarks, size)
    crops, places = [anchor.crop(grey) for grey, _ in frames], Sites.of(frames[0][1], anchor)
    fast, slow = (steps_of_first(bank_of(flow, window, size), crops, places) for flow in FLOWS)
    assert len(fast) == len(slow) == window - 1
    assert np.abs(slow.patches[-1]).max() > 1  # crop px: the smile is there at the end
    assert np.corrcoef(fast.patches.ravel(), slow.patches.ravel())[0, 1] >= 0.99
    assert np.median(np.abs(fast.patches - slow.patches)) <= 0.03


def test_an_extractor_of_short_windows_gives_those_of_the_reference() -> None:
    """Inside a stream: of nine frames, the one window that they hold."""
    found = []
    for flow in FLOWS:
        extractor = WindowExtractor(flow=flow, parameters=HALF_SIZE, window=9)
        pushed = [extractor.push(7 + t, *frame) for t, frame in enumerate(smiling(9))]
        assert pushed[:-1] == [[]] * 8
        found += pushed[-1]
    fast, slow = found
    assert fast.tick == slow.tick == 7 + 4
    assert fast.features.shape == (9, len(NODES), 2)
    assert np.corrcoef(fast.features.ravel(), slow.features.ravel())[0, 1] >= 0.99
    assert np.median(np.abs(fast.features - slow.features)[:, FLOW]) <= 0.06  # canonical px


@pytest.mark.parametrize("window", [9, 25, 33])
def test_a_window_is_measured_from_its_own_first_frame(window: int) -> None:
    """Bit for bit as far as two windows go that begin on one frame, whatever their lengths.

    Posture is a mean over up to eight pairs, of which fewer copies before the stream make fewer.
    """
    frames = swaying(40)
    usual = stream(frames, WindowExtractor())
    other = stream(frames, WindowExtractor(window=window))
    assert [one.tick for one in other] == list(range(40))
    reach, compared = min(window, WINDOW), 0
    by_start = {one.tick - window // 2: one.features for one in other}
    for one in usual:
        found = by_start.get(one.tick - WINDOW // 2)
        if found is not None:
            np.testing.assert_array_equal(found[:reach, MOTION], one.features[:reach, MOTION])
            np.testing.assert_allclose(found[:reach], one.features[:reach], atol=0.01)
            compared += 1
    assert compared == 40 - abs(window - WINDOW) // 2
    assert max(np.abs(one.features[:, FLOW]).max() for one in other) > 0.05  # px


@pytest.mark.parametrize("window", [5, 9, 25, 33])
@pytest.mark.parametrize("frames", [1, 2, 40])
def test_ends_are_padded_by_half_a_window_of_copies(window: int, frames: int) -> None:
    """Head motion, whose size is known: zero along copies, the shift between two frames."""
    windows = stream(swaying(frames), WindowExtractor(window=window))
    assert [one.tick for one in windows] == list(range(frames))
    head = NODES.index("head_shift")
    for one in windows:
        assert one.features.shape == (window, len(NODES), 2)
        before = max(0, window // 2 - one.tick)  # copies of the first frame before it
        assert np.abs(one.features[: before + 1, head]).max() < 0.01
        after = max(0, one.tick + window // 2 - (frames - 1))
        last = one.features[window - 1 - after :, head]
        assert np.abs(last - last[0]).max() < 0.05


@pytest.mark.parametrize("window", [9, 33])
def test_a_window_comes_half_a_window_after_its_centre(window: int) -> None:
    extractor, (grey, face) = WindowExtractor(window=window), smiling(1)[0]
    extractor.first(0, grey, face)
    for tick in range(1, window + 3):
        expected = [tick - window // 2] if tick >= window // 2 else []
        assert [one.tick for one in extractor.push(tick, grey, face)] == expected


@pytest.mark.parametrize("window", [0, 1, 3, 4, 16, 24, 35, -17])
def test_a_window_without_a_centre_or_beyond_what_is_measured_is_refused(window: int) -> None:
    for make in (
        lambda: WindowExtractor(window=window),
        lambda: bank_of("streaming", window),
        lambda: bank_of("reference", window),
        lambda: FlowWindow(0, np.zeros((max(window, 0), len(NODES), 2), np.float32)),
    ):
        with pytest.raises(ValueError, match="must be odd, from 5 to 33"):
            make()


@pytest.mark.parametrize(
    "features",
    [np.zeros((17, 18, 2)), np.zeros((17, 10, 2), np.float32), np.zeros((), np.float32)],
)
def test_what_is_no_window_is_refused(features: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match=r"float32 \(ticks, 18, 2\)"):
        FlowWindow(0, features)
