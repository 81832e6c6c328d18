"""The flows that the table compares."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.flow_banks import CALLS, DIS, FLOWS, CallBank, Runner, make_runners
from realtime.flow.bank import Steps
from realtime.flow.canonical import Anchor
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from tests.realtime.flow.flow_makers import make_face, texture


def sites() -> Sites:
    face = make_face()
    return Sites.of(face, Anchor.of(face.landmarks))


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("alignment", list(Alignment))
def test_every_flow_takes_a_shift_of_the_whole_face_for_head_motion(
    name: str, alignment: Alignment
) -> None:
    shift = (1.5, -0.75)
    runner = make_runners(alignment)[name]
    runner.push(texture())
    runner.open(4, sites())
    steps = runner.push(texture(shift=shift))
    assert steps.motions[0, :2] == pytest.approx(shift, rel=0.03, abs=0.05)
    assert np.median(np.abs(runner.canonical(steps)[4])) < 0.05


@pytest.mark.parametrize("name", [CALLS, DIS])
def test_only_calls_count_and_only_where_a_window_is_open(name: str) -> None:
    runner = make_runners(Alignment.NOSE)[name]
    runner.push(texture())
    assert runner.calls_s == 0
    runner.open(0, sites())
    runner.push(texture())
    assert isinstance(runner.bank, CallBank)
    assert runner.calls_s == runner.bank.calls_s > 0


def test_a_whole_push_counts_where_a_flow_is_more_than_calls() -> None:
    runners = make_runners(Alignment.NOSE)
    assert [name for name in FLOWS if runners[name].calls_s is None] == ["reference", "streaming"]


class Given:
    """A bank that says what it is told to."""

    idle = False

    def __init__(self, patches: NDArray[np.float32]) -> None:
        count = len(patches)
        self._steps = Steps(np.arange(count), patches, np.zeros((count, 6)))

    def push(self, crop: NDArray[np.uint8]) -> Steps:  # noqa: ARG002
        return self._steps

    def open(self, start: int, sites: Sites) -> None: ...

    def clear(self) -> None: ...


def test_patches_come_in_canonical_px_of_their_own_window() -> None:
    """The same anchor sees a face of 60 px between the eyes, then one of 80 px."""
    first = make_face(eyes_px=60)
    anchor = Anchor.of(first.landmarks)
    runner = Runner(Given(np.ones((2, 10, 2), np.float32)))
    runner.open(0, Sites.of(first, anchor))
    runner.open(1, Sites.of(make_face(eyes_px=80), anchor))
    found = runner.canonical(runner.push(texture()))
    canonical = 1 / FlowParameters().zoom
    assert found[0] == pytest.approx(np.full((10, 2), canonical), rel=1e-4)
    assert found[1] == pytest.approx(np.full((10, 2), 60 / 80 * canonical), rel=1e-4)
