import dataclasses
import logging
import pickle
from pathlib import Path

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.data.store import load_record
from offline.gim.labels import TickPoint
from offline.points.from_truth import How
from offline.training.points import (
    PointsFromTruth,
    PointsOfFile,
    listed,
    points_source,
    require_known_videos,
)
from tests.offline.gim.gim_training_makers import MACRO, MICRO, gim_record, write_gim_features


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "points.csv"
    path.write_text("\n".join(("video,frame,kind", *rows)) + "\n", encoding="utf-8")
    return path


def test_frames_of_a_file_become_the_nearest_ticks(tmp_path):
    """At 100 Hz frame 47 is at 0.47 s, tick 14.1; frame 165 is at 1.65 s, tick 49.5."""
    points = PointsOfFile.read(table(tmp_path, "video,165,macro", "video,47,micro"))
    ticks = points.of(gim_record(rate_hz=100.0))
    assert ticks[0] == TickPoint(14, Kind.MICRO)
    assert ticks[1] in (TickPoint(49, Kind.MACRO), TickPoint(50, Kind.MACRO))


def test_a_feature_file_brings_the_times_of_its_frames(tmp_path):
    write_gim_features(tmp_path, "a", rate_hz=60.0)
    record = load_record(tmp_path / "video-a.npz")
    np.testing.assert_array_equal(record.timestamps_s, np.arange(160) / 60)
    points = PointsOfFile.read(table(tmp_path, "video-a,28,micro"))
    assert points.of(record) == (TickPoint(14, Kind.MICRO),)


def test_a_point_outside_its_video_is_named_and_left_out(tmp_path, caplog):
    points = PointsOfFile.read(table(tmp_path, "video,14,micro", "video,80,macro"))
    with caplog.at_level(logging.WARNING):
        assert points.of(gim_record()) == (TickPoint(14, Kind.MICRO),)
    assert "video: the point at frame 80 is outside the video of 80 frames" in caplog.text


def test_a_video_whose_frames_have_no_times_is_refused(tmp_path):
    points = PointsOfFile.read(table(tmp_path, "video,14,micro"))
    record = dataclasses.replace(gim_record(), timestamps_s=None)
    with pytest.raises(UsageError, match=r"video: .* extract it again"):
        points.of(record)
    other = dataclasses.replace(record, name="other")
    assert points.of(other) == ()


def test_videos_that_are_not_there_are_named(tmp_path, caplog):
    points = PointsOfFile.read(table(tmp_path, "a,1,micro", "b,1,micro", "c,1,micro"))
    with caplog.at_level(logging.WARNING):
        points.require_known({"a", "z"}, "features")
    assert "no features of b, c" in caplog.text
    with pytest.raises(UsageError, match="none of its 3 videos is in features, which has y, z"):
        require_known_videos(points, {"y", "z"}, "features")
    require_known_videos(None, set(), "features")


def test_one_point_lies_in_every_expression_whatever_the_company():
    points = PointsFromTruth(How.UNIFORM, 3)
    one = points.of(gim_record("one"))
    assert [point.kind for point in one] == [Kind.MICRO, Kind.MACRO]
    assert MICRO.onset <= one[0].tick <= MICRO.offset
    assert MACRO.onset <= one[1].tick <= MACRO.offset
    points.of(gim_record("two"))
    assert points.of(gim_record("one")) == one
    drawn = {PointsFromTruth(How.UNIFORM, seed).of(gim_record("one")) for seed in range(20)}
    assert len(drawn) > 5


def test_the_description_decides_the_points(tmp_path):
    path = table(tmp_path, "a,1,micro", "b,2,macro")
    first = PointsOfFile.read(path).describe()
    assert PointsOfFile.read(table(tmp_path, "b,2,macro", "a,1,micro")).describe() == first
    assert PointsOfFile.read(table(tmp_path, "b,2,micro", "a,1,micro")).describe() != first
    told = PointsFromTruth(How.GAUSSIAN, 4).describe()
    assert told == {"from_truth": "gaussian", "seed": 4, "sigma": pytest.approx(1 / 6)}
    assert PointsFromTruth(How.APEX, 4).describe() == {"from_truth": "apex", "seed": 4}


def test_points_can_go_to_another_process(tmp_path):
    points = PointsOfFile.read(table(tmp_path, "video,14,micro"))
    assert pickle.loads(pickle.dumps(points)) == points  # noqa: S301 - its own dump


def test_options_that_exclude_each_other_or_an_empty_table_are_refused(tmp_path):
    path = table(tmp_path, "a,1,micro")
    with pytest.raises(UsageError, match="exclude each other"):
        points_source(path, "uniform", 0)
    assert points_source(None, None, 0) is None
    assert points_source(None, "apex", 2) == PointsFromTruth(How.APEX, 2)
    with pytest.raises(UsageError, match="holds no point"):
        points_source(table(tmp_path), None, 0)


def test_long_lists_of_names_are_cut():
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
