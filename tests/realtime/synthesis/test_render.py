"""Rendered frames against their own truth, measured by optical flow and by MediaPipe."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.faces.landmarks import lid_apertures
from realtime.faces.tracker import FaceTracker, open_tracker
from realtime.synthesis.disturbances import STILL
from realtime.synthesis.portraits import Portrait
from realtime.synthesis.render import Renderer
from realtime.synthesis.script import Script
from realtime.synthesis.state import FaceState, HeadPose
from realtime.synthesis.studio import Studio
from realtime.types import Frame
from tests.realtime.synthesis.synthesis_makers import acting, expression

BROWS = [105, 66, 107, 334, 296, 336]
MOUTH = [61, 291, 0, 17]
EYE_CORNERS = [33, 263]
NOSE_TIP = 1


@pytest.fixture(scope="module")
def tracker() -> Iterator[FaceTracker]:
    with open_tracker() as opened:
        yield opened


def measured_mesh(tracker: FaceTracker, image: NDArray[np.uint8], time_s: float) -> NDArray:
    # a few looks at one picture: the tracker refines its crop from frame to frame
    for look in range(3):
        (face,) = tracker.track(Frame(look, time_s + look / 30, image))
    return face.mesh


def measured_flow(before: NDArray, after: NDArray, points: NDArray) -> NDArray[np.float64]:
    """Mean Farneback flow around each point, px of the frame."""
    grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (before, after)]
    flow = cv2.calcOpticalFlowFarneback(*grey, None, 0.5, 3, 15, 5, 7, 1.5, 0)
    spots = np.rint(points).astype(int)
    return np.array([flow[y - 3 : y + 4, x - 3 : x + 4].mean((0, 1)) for x, y in spots])


def canonical(renderer: Renderer) -> float:
    """Frame px per canonical px."""
    return renderer.stage.eyes_px / 96


def test_equal_states_give_equal_bytes(renderer: Renderer) -> None:
    state = FaceState(acting(AU12=3), closure=(0.5, 0.4), pose=HeadPose(5, 3, 2))
    assert np.array_equal(renderer.render(state).image, renderer.render(state).image)


def test_a_brow_raised_by_half_a_canonical_pixel_flows_by_that_much(renderer: Renderer) -> None:
    neutral, raised = renderer.render(FaceState()), renderer.render(FaceState(acting(AU1=0.5)))
    inner = neutral.mesh[[107, 336], :2]
    flow = measured_flow(neutral.image, raised.image, inner) / canonical(renderer)
    assert (-flow[:, 1] > 0.3).all()
    assert (-flow[:, 1] < 0.7).all()
    # a brow is a slanted edge: flow along it is not seen, so some sideways motion appears
    assert np.abs(flow[:, 0]).max() < 0.2


@pytest.mark.parametrize("unit", ["AU1", "AU2", "AU4", "AU12", "AU15", "AU20"])
def test_flow_measures_the_shift_that_the_truth_tells(renderer: Renderer, unit: str) -> None:
    neutral, shown = renderer.render(FaceState()), renderer.render(FaceState(acting(**{unit: 2})))
    points = BROWS + MOUTH
    flow = measured_flow(neutral.image, shown.image, neutral.mesh[points, :2])
    error = np.linalg.norm(flow - shown.expression_shift[points], axis=1)
    assert np.linalg.norm(shown.expression_shift[points], axis=1).max() > 1
    assert error.mean() < 0.35
    assert error.max() < 1.0


def test_one_action_unit_leaves_the_rest_of_the_picture_alone(renderer: Renderer) -> None:
    neutral, raised = renderer.render(FaceState()), renderer.render(FaceState(acting(AU2=2)))
    chin, top = round(float(neutral.mesh[152, 1])), round(float(neutral.mesh[1, 1]))
    assert np.array_equal(neutral.image[top:chin], raised.image[top:chin])
    assert not np.array_equal(neutral.image[:top], raised.image[:top])
    flow = measured_flow(neutral.image, raised.image, neutral.mesh[MOUTH, :2])
    assert np.abs(flow).max() < 0.05


def test_the_most_moved_mesh_point_moves_by_the_peak(renderer: Renderer) -> None:
    for unit in ("AU1", "AU4", "AU9", "AU12", "AU15", "AU18"):
        moved = np.linalg.norm(renderer.displacement(acting(**{unit: 2.0})), axis=1)
        # the field is read on a grid of four pixels
        assert moved.max() == pytest.approx(2.0, rel=0.05)
    assert not renderer.displacement(acting()).any()


def test_a_portrait_at_rest_has_no_shift_and_its_own_mesh(renderer: Renderer) -> None:
    frame = renderer.render(FaceState())
    assert not frame.expression_shift.any()
    assert np.abs(frame.mesh - renderer.stage.mesh).max() < 1e-3


def test_speech_is_no_part_of_the_expressions_shift(renderer: Renderer) -> None:
    frame = renderer.render(FaceState(distractor=acting(AU26=5), pose=HeadPose(yaw_deg=4)))
    assert not frame.expression_shift.any()
    assert frame.mesh[17, 1] > renderer.stage.mesh[17, 1] + 3


@pytest.mark.parametrize("angle", [-10.0, 10.0])
def test_a_turned_head_moves_the_nose_as_its_depth_says(
    renderer: Renderer, tracker: FaceTracker, angle: float
) -> None:
    stage, frame = renderer.stage, renderer.render(FaceState(pose=HeadPose(yaw_deg=angle)))
    nose, eyes = stage.mesh[NOSE_TIP], stage.mesh[EYE_CORNERS].mean(axis=0)
    # turned about the vertical, a point nearer by d goes aside by d sin(angle); perspective
    # and the centre of the turn change that by a few per cent
    expected = (eyes[2] - nose[2]) * np.sin(np.deg2rad(angle))
    relative = [m[NOSE_TIP, 0] - m[EYE_CORNERS, 0].mean() for m in (frame.mesh, stage.mesh)]
    assert abs(expected) > 5
    assert relative[0] - relative[1] == pytest.approx(expected, rel=0.25)
    seen = [
        measured_mesh(tracker, stage_image, time_s)
        for time_s, stage_image in ((0.0, renderer.render(FaceState()).image), (1.0, frame.image))
    ]
    measured = [m[NOSE_TIP, 0] - m[EYE_CORNERS, 0].mean() for m in seen]
    assert measured[1] - measured[0] == pytest.approx(expected, rel=0.35)


@pytest.mark.parametrize(
    ("pose", "axis"), [(HeadPose(pitch_deg=10), 1), (HeadPose(pitch_deg=-10), 1)]
)
def test_a_nod_moves_the_nose_against_the_eyes(
    renderer: Renderer, pose: HeadPose, axis: int
) -> None:
    stage, frame = renderer.stage, renderer.render(FaceState(pose=pose))
    moved = frame.mesh[:, axis] - stage.mesh[:, axis]
    relative = moved[NOSE_TIP] - moved[EYE_CORNERS].mean()
    assert np.sign(relative) == np.sign(pose.pitch_deg)
    assert abs(relative) > 3


def test_a_rolled_head_tilts_the_eye_line_by_its_angle(renderer: Renderer) -> None:
    mesh = renderer.render(FaceState(pose=HeadPose(roll_deg=10))).mesh
    dx, dy = mesh[263, :2] - mesh[33, :2]
    assert np.rad2deg(np.arctan2(dy, dx)) == pytest.approx(10, abs=0.5)


def test_the_background_stands_still_while_the_head_moves(renderer: Renderer) -> None:
    pose = HeadPose(10, -8, 7, (6.0, 3.0))
    neutral = renderer.render(FaceState()).image
    moved = renderer.render(FaceState(acting(AU12=5), pose=pose)).image
    assert np.array_equal(neutral[:200, :60], moved[:200, :60])
    assert not np.array_equal(neutral, moved)


def test_a_blink_shuts_the_lids_that_mediapipe_sees(
    renderer: Renderer, tracker: FaceTracker
) -> None:
    apertures = [
        np.mean(lid_apertures(measured_mesh(tracker, renderer.render(state).image, time_s)))
        for time_s, state in (
            (2.0, FaceState()),
            (3.0, FaceState(closure=(0.5, 0.5))),
            (4.0, FaceState(closure=(1.0, 1.0))),
        )
    ]
    assert apertures[0] > 1.2 * apertures[1] > 1.2 * apertures[2]
    assert apertures[2] < 0.5 * apertures[0]


def test_a_dropped_jaw_parts_the_lips_that_mediapipe_sees(
    renderer: Renderer, tracker: FaceTracker
) -> None:
    open_state = FaceState(acting(AU26=10, AU25=4))
    gaps, truths = [], []
    for time_s, state in ((5.0, FaceState()), (6.0, open_state)):
        frame = renderer.render(state)
        seen = measured_mesh(tracker, frame.image, time_s)
        gaps.append(seen[14, 1] - seen[13, 1])
        truths.append(frame.mesh[14, 1] - frame.mesh[13, 1])
    assert truths[1] - truths[0] > 8
    assert gaps[1] - gaps[0] == pytest.approx(truths[1] - truths[0], rel=0.4)


def test_a_script_of_one_expression_moves_the_picture_only_while_it_lasts(
    renderer: Renderer,
) -> None:
    studio = Studio(renderer, Script(0, STILL, [expression(0.2, peak_px=1.0)]), STILL)
    still = renderer.render(FaceState()).image
    for time_s in (0.0, 0.1, 0.2, 0.4, 0.8, 1.2, 1.5):
        same = np.array_equal(studio.shoot(time_s).image, still)
        assert same == (not 0.2 < time_s < 1.2)


@pytest.mark.parametrize("size", [(160, 120), (320, 240), (321, 181)])
def test_any_size_is_rendered_whole(portrait: Portrait, size: tuple[int, int]) -> None:
    frame = Renderer(portrait, size).render(FaceState(acting(AU26=6)))
    assert frame.image.shape == (size[1], size[0], 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.std() > 10


def test_everything_at_once_stays_finite_and_in_the_picture(renderer: Renderer) -> None:
    actions = acting(AU1=10, AU4=10, AU12=10, AU26=12, AU25=6, AU43=20, AU5=5)
    pose = HeadPose(10, 10, 10, (30.0, 20.0), 0.15)
    frame = renderer.render(FaceState(actions, actions, (1.0, 1.0), (4.0, 1.5), pose))
    assert np.isfinite(frame.mesh).all()
    assert np.isfinite(frame.expression_shift).all()
