"""Several people in one picture, with MediaPipe: each keeps a number."""

from itertools import groupby

import pytest

from realtime.faces.tracker import open_tracker
from realtime.types import RATE_HZ
from tests.realtime.faces.people_makers import Scene, at, away, walk

ANNA, BEN, CARLA = "sfhq_2x4_00", "sfhq_2x4_01", "sfhq_2x4_04"
FRAME_S = 2 / RATE_HZ

Told = list[dict[str, int]]


def follow(scene: Scene, seconds: float, max_faces: int = 2) -> Told:
    """Who is seen under which number, one entry for each change."""
    out = []
    with open_tracker(max_faces=max_faces) as tracker:
        for index in range(round(seconds / FRAME_S)):
            frame = scene.frame(index)
            faces = tracker.track(frame)
            out.append({scene.who(face, frame.timestamp_s): face.track for face in faces})
            assert len(out[-1]) == len(faces)
    return [told for told, _ in groupby(out)]


def test_three_people_have_three_numbers() -> None:
    scene = Scene({ANNA: at(115), BEN: at(320), CARLA: at(525)})
    (told,) = follow(scene, 0.6, max_faces=3)
    assert sorted(told) == [ANNA, BEN, CARLA]
    assert sorted(told.values()) == [0, 1, 2]


def test_no_more_people_are_followed_than_were_asked_for() -> None:
    scene = Scene({ANNA: at(115), BEN: at(320), CARLA: at(525)})
    assert [len(told) for told in follow(scene, 0.6, max_faces=2)] == [2]


@pytest.mark.parametrize(("away_s", "same"), [(1.0, True), (3.0, False)])
def test_who_is_back_after_a_second_is_the_same_and_after_three_a_new_one(
    away_s: float, same: bool
) -> None:
    scene = Scene({ANNA: at(160), BEN: away(at(470), 0.4, 0.4 + away_s)})
    first, alone, last = follow(scene, 0.8 + away_s)
    assert alone == {ANNA: first[ANNA]}
    assert last == {ANNA: first[ANNA], BEN: first[BEN] if same else 2}


def test_people_who_pass_each_other_are_themselves_afterwards() -> None:
    """The one behind is hidden for a while; the one before is seen all the time."""
    scene = Scene({ANNA: walk(130, 510, 0.2, 1.8), BEN: walk(510, 130, 0.2, 1.8)})
    told = follow(scene, 2.2)
    assert sorted(told[0]) == sorted(told[-1]) == [ANNA, BEN]
    assert told[-1] == told[0]
