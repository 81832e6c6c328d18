"""Reading a timeline, and expressions that show on given frames."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Kind
from offline.synth_identity import person
from offline.synth_moments import Span, draw_expressions, nearest_frame, shares_units, span_of
from offline.synth_script import ComposedScript, fill_pauses
from offline.synth_timeline import Moment, choose_videos, read_timeline
from realtime.synthesis.disturbances import MOTIONS, STILL
from realtime.synthesis.expressions import visible_frames
from realtime.synthesis.studio import frame_times

SAMM = Path(__file__).resolve().parents[3] / "shared" / "evaluation" / "samm_lv_truth.csv"
HEADER = "video,kind,onset,apex,offset"


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def times_of(rate_hz: float, count: int, jitter: float = 0.0) -> list[float]:
    frames = frame_times(rate_hz, jitter, np.random.default_rng(0))
    return [time_s for time_s, _ in zip(frames, range(count), strict=False)]


@pytest.mark.skipif(not SAMM.is_file(), reason="needs ../shared/evaluation")
def test_the_timeline_of_samm_has_its_published_counts() -> None:
    timeline = read_timeline(SAMM, 200.0)
    kinds = [moment.kind for video in timeline.videos for moment in video.moments]
    assert (kinds.count(Kind.MICRO), kinds.count(Kind.MACRO)) == (159, 343)
    assert len(timeline.videos) == 147
    assert {video.number for video in timeline.videos} == set(range(1, 31))
    # one apex lies before its onset and five after their offsets
    assert (timeline.ignored, timeline.middle_apexes) == (0, 6)
    first = next(video for video in timeline.videos if video.name == "006_1")
    assert first.moments[0] == Moment(Kind.MICRO, 324 / 200, 368 / 200, 403 / 200)
    # its last row ends at frame 8728
    assert first.seconds == 8728 / 200 + 1.0


def test_frames_count_from_the_base_and_none_lies_before_the_video(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "a_1,macro,0,100,201")
    (video,) = read_timeline(path, 100.0).videos
    assert video.moments == (Moment(Kind.MACRO, 0.0, 1.0, 2.01),)
    (video,) = read_timeline(path, 100.0, base=1).videos
    assert video.moments == (Moment(Kind.MACRO, 0.0, 0.99, 2.0),)


def test_subjects_and_what_is_odd_in_a_file_are_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        "b_2,macro,50,,99",
        "a_1,micro,10,900,20",
        "b_1,ignore,1,2,3",
        "b_1,micro,90,95,99",
        "b_1,macro,0,50,90",
    )
    timeline = read_timeline(path, 100.0)
    assert [(v.name, v.subject, v.number, v.take) for v in timeline.videos] == [
        ("a_1", "a", 1, 0),
        ("b_1", "b", 2, 0),
        ("b_2", "b", 2, 1),
    ]
    assert (timeline.ignored, timeline.middle_apexes) == (1, 2)
    assert [video.overlaps for video in timeline.videos] == [0, 1, 0]
    assert timeline.videos[0].moments == (Moment(Kind.MICRO, 0.1, 0.15, 0.2),)
    assert timeline.videos[0].seconds == 2.0, "no video is shorter"


def test_a_duration_is_taken_where_there_is_one(tmp_path: Path) -> None:
    rows = ("a_1,macro,50,60,99,7.5", "a_2,macro,50,60,99,", "a_1,micro,5,6,9,7.5")
    path = write(tmp_path / "t.csv", *rows, header=HEADER + ",video_duration_s")
    with pytest.raises(UsageError, match=r"a_1 lasts 7\.5 s, but an instance ends at 9\.9 s"):
        read_timeline(path, 10.0)
    assert [video.seconds for video in read_timeline(path, 50.0).videos] == [7.5, 99 / 50 + 1]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((), "no instance"),
        (("a/../b,macro,1,2,3",), "cannot name a file"),
        ((".a,macro,1,2,3",), "cannot name a file"),
        (("a,macro,3,2,1",), "onset 3 is after offset 1"),
        (("a,macro,nan,2,1",), "not a whole frame"),
        (("a,smile,1,2,3",), "not micro or macro"),
        (("a,macro,1,2",), "line 2"),
        (("a,macro,1,2,3", "a,macro,1,2,3"), "line 3: is the same as line 2"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, rows, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        read_timeline(write(tmp_path / "t.csv", *rows), 200.0)
    assert "\n" not in str(caught.value)


def test_a_timeline_with_semicolons_is_the_same_with_its_durations(tmp_path: Path) -> None:
    header, row = HEADER + ",video_duration_s", "006_1,micro,40,50,60,9"
    plain = read_timeline(write(tmp_path / "t.csv", row, header=header), 30.0)
    other = write(tmp_path / "u.csv", row.replace(",", ";"), header=header.replace(",", ";"))
    assert read_timeline(other, 30.0).videos == plain.videos
    assert plain.videos[0].seconds == 9.0


@pytest.mark.parametrize("cell", ["x", "-1", "nan", "0"])
def test_a_bad_or_contradictory_duration_is_refused(tmp_path: Path, cell: str) -> None:
    header = HEADER + ",video_duration_s"
    path = write(tmp_path / "t.csv", f"a,macro,1,2,3,{cell}", header=header)
    with pytest.raises(UsageError, match="video_duration_s"):
        read_timeline(path, 200.0)
    path = write(tmp_path / "t.csv", "a,macro,1,2,3,5", "a,micro,5,6,7,6", header=header)
    with pytest.raises(UsageError, match="video_duration_s"):
        read_timeline(path, 200.0)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_is_above_0(tmp_path: Path, rate: float) -> None:
    with pytest.raises(UsageError, match="--timeline-fps"):
        read_timeline(write(tmp_path / "t.csv", "a,macro,1,2,3"), rate)


def test_a_part_is_chosen_without_changing_any_video(tmp_path: Path) -> None:
    rows = [f"{name},macro,1,2,3" for name in ("a_1", "a_2", "b_1", "c_1")]
    timeline = read_timeline(write(tmp_path / "t.csv", *rows), 30.0)

    def names(**part: object) -> list[str]:
        chosen = choose_videos(timeline, **part)  # type: ignore[arg-type]
        assert set(chosen) <= set(timeline.videos)
        return [video.name for video in chosen]

    assert names() == ["a_1", "a_2", "b_1", "c_1"]
    assert names(subjects=2) == ["a_1", "a_2", "b_1"]
    assert names(videos=2) == ["a_1", "a_2"]
    assert names(only=["c_1", "a_2"]) == ["a_2", "c_1"]
    assert names(only=["c_1"], subjects=1) == []
    with pytest.raises(UsageError, match="--only-videos d_1"):
        names(only=["d_1"])


@pytest.mark.parametrize(
    ("time_s", "frame"),
    [(0.0, 0), (0.75, 23), (0.7499, 22), (0.7501, 23), (99.0, 89), (-1.0, 0)],
)
def test_the_nearest_frame_is_taken_and_the_later_of_two_as_near(time_s, frame) -> None:
    """0.75 s at 30 Hz is frame 22.5."""
    assert nearest_frame(times_of(30.0, 90), time_s) == frame


def test_an_instance_shorter_than_a_frame_keeps_one_frame() -> None:
    moment = Moment(Kind.MICRO, 1.01, 1.012, 1.015)
    assert span_of(moment, times_of(30.0, 90)) == Span(Kind.MICRO, 30, 30, 30)


spans = st.lists(
    st.tuples(st.sampled_from(list(Kind)), st.lists(st.integers(0, 299), min_size=3, max_size=3)),
    max_size=8,
).map(lambda rows: sorted((Span(k, *sorted(f)) for k, f in rows), key=lambda s: s.onset))


@given(spans, st.sampled_from([(25.0, 0.0), (30000 / 1001, 0.0), (200.0, 0.0), (30.0, 0.35)]),
       st.integers(0, 2**32 - 1))  # fmt: skip
def test_expressions_show_on_exactly_their_frames_whatever_the_rate(drawn, rate, seed) -> None:
    times = times_of(rate[0], 300, rate[1])
    expressions = draw_expressions(drawn, times, np.random.default_rng(seed))
    shown = [(e.kind, *(visible_frames(e, np.array(times)) or ())) for e in expressions]
    assert shown == [(s.kind, s.onset, s.apex, s.offset) for s in drawn]


def test_expressions_at_the_same_time_use_different_action_units() -> None:
    spans = [
        Span(Kind.MACRO, 10, 50, 200),
        Span(Kind.MICRO, 60, 65, 70),
        Span(Kind.MACRO, 65, 80, 120),
    ]
    for seed in range(50):
        drawn = draw_expressions(spans, times_of(30.0, 300), np.random.default_rng(seed))
        assert not any(shares_units(e, [o for o in drawn if o is not e]) for e in drawn)


def test_overlapping_expressions_add_up_and_all_else_stays_neutral() -> None:
    times = times_of(30.0, 120)
    spans = [Span(Kind.MACRO, 10, 20, 60), Span(Kind.MICRO, 30, 35, 40)]
    drawn = draw_expressions(spans, times, np.random.default_rng(3))
    script = ComposedScript(0, STILL, drawn, until_s=4.0)
    moving = []
    for frame, time_s in enumerate(times):
        expected = sum(e.actions(time_s) for e in drawn)
        state = script.at(time_s)
        np.testing.assert_allclose(state.expression, expected, rtol=1e-6)
        assert not state.distractor.any()
        if state.expression.max() > 0.06 * min(e.peak_px for e in drawn):
            moving.append(frame)
    assert moving[0] in (9, 10)
    assert moving[-1] in (60, 61)
    assert len(moving) == moving[-1] - moving[0] + 1
    assert script.truth == drawn


def test_speech_fills_pauses_and_never_meets_an_expression() -> None:
    times = times_of(30.0, 3000)
    spans = [Span(Kind.MACRO, k, k + 10, k + 30) for k in range(100, 2900, 400)]
    drawn = draw_expressions(spans, times, np.random.default_rng(0))
    speech = fill_pauses(np.random.default_rng(1), drawn, 2.0, 100.0)
    assert len(speech) > 3
    busy = [(e.onset_s, e.offset_s) for e in drawn] + [(s.start_s, s.end_s) for s in speech]
    assert all(a[1] <= b[0] for a, b in pairwise(sorted(busy)))
    assert max(s.end_s for s in speech) <= 100.0
    assert fill_pauses(np.random.default_rng(1), drawn, 0.0, 100.0) == ()


def test_everything_else_is_disturbed_as_in_any_other_script() -> None:
    script = ComposedScript(5, MOTIONS["lively"], (), until_s=60.0)
    states = [script.at(time_s) for time_s in times_of(30.0, 1800)]
    assert {d.name for d in script.distractors} == {"blink", "speech"}
    assert max(max(state.closure) for state in states) > 0.8
    assert max(abs(state.pose.yaw_deg) for state in states) > 1
    assert not any(state.expression.any() for state in states)


def test_one_picture_makes_many_people_the_same_ones_every_time() -> None:
    first, other, again = person(None, 1, 0), person(None, 2, 0), person(None, 0, 0)
    assert (again.name, first.name, other.name) == ("astronaut", "astronaut~1", "astronaut~2")
    shapes = [shape_of(portrait.mesh) for portrait in (again, first, other)]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(shapes[a] - shapes[b]).max() > 0.02
    person.cache_clear()
    np.testing.assert_array_equal(person(None, 1, 0).image, first.image)
    assert not np.array_equal(person(None, 1, 1).mesh, first.mesh)


def shape_of(mesh: np.ndarray) -> np.ndarray:
    """Mesh relative to the eyes' middle, in eye distances: free of place and size."""
    middle = mesh[[33, 263], :2].mean(axis=0)
    return (mesh[:, :2] - middle) / np.linalg.norm(mesh[263, :2] - mesh[33, :2])
