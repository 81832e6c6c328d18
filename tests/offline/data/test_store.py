from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from offline.data.store import load_folder, load_record, save_record


def record_of(ticks: int, intervals=(), ignored=(), name="s01_a") -> FeatureRecord:
    features = np.random.default_rng(0).normal(size=(ticks, 17, 18, 2)).astype(np.float32)
    return FeatureRecord(name, "s01", features, np.arange(ticks) % 3 > 0, intervals, ignored)


def assert_equal(got: FeatureRecord, expected: FeatureRecord) -> None:
    np.testing.assert_array_equal(got.features, expected.features)
    np.testing.assert_array_equal(got.scored, expected.scored)
    for field in ("name", "subject", "intervals", "ignored"):
        assert getattr(got, field) == getattr(expected, field)


ticks = st.tuples(*[st.integers(-5, 10**6)] * 3).map(sorted)
intervals = st.lists(st.builds(lambda k, t: Interval(k, *t), st.sampled_from(list(Kind)), ticks))


@given(intervals.map(tuple), intervals.map(tuple))
def test_a_record_comes_back_as_it_was_saved(tmp_path_factory, labels, ignored):
    path = tmp_path_factory.mktemp("store") / "video.npz"
    record = record_of(3, labels, ignored)
    save_record(path, record)
    assert_equal(load_record(path), record)


def test_a_record_without_ticks_comes_back_too(tmp_path: Path):
    save_record(tmp_path / "empty.npz", record_of(0))
    assert_equal(load_record(tmp_path / "empty.npz"), record_of(0))


def test_a_folder_is_read_in_the_order_of_its_paths(tmp_path: Path):
    for name in ("b/2", "a/9", "a/1"):
        save_record(tmp_path / f"{name}.npz", record_of(1, name=name))
    assert [record.name for record in load_folder(tmp_path)] == ["a/1", "a/9", "b/2"]
    assert not list(tmp_path.rglob("*.partial"))


def test_a_folder_that_is_missing_or_empty_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="no such folder"):
        load_folder(tmp_path / "none")
    with pytest.raises(UsageError, match="no feature files"):
        load_folder(tmp_path)


def damage(path: Path, **arrays: object) -> None:
    save_record(path, record_of(2, (Interval(Kind.MICRO, 0, 1, 1),)))
    with np.load(path) as stored:
        np.savez(path, **{**stored, **arrays})


@pytest.mark.parametrize(
    "arrays",
    [
        {"features": np.zeros((2, 17, 18, 2))},
        {"features": np.full((2, 17, 18, 2), np.nan, np.float32)},
        {"features": np.zeros((2, 17, 10, 2), np.float32)},
        {"scored": np.ones(3, np.bool_)},
        {"intervals": np.array([[2.0, 0, 1, 1]])},
        {"intervals": np.array([[0.0, 1, 0, 1]])},
        {"intervals": np.array([[0.0, 0.5, 1, 1]])},
        {"intervals": np.array([[0.0, np.nan, 1, 1]])},
        {"intervals": np.zeros(4)},
        {"ignored": np.array([["a", "b", "c", "d"]])},
        {"name": np.array({"a": 1}, dtype=object)},
    ],
)
def test_a_file_with_unusable_arrays_is_refused_in_one_line(tmp_path: Path, arrays):
    path = tmp_path / "bad.npz"
    damage(path, **arrays)
    with pytest.raises(UsageError, match="not a feature file") as caught:
        load_record(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"text"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"bad\.npz: not a feature file"):
        load_record(path)


def test_a_file_that_lacks_a_key_names_it(tmp_path: Path):
    np.savez(tmp_path / "bad.npz", features=np.zeros((0, 17, 18, 2), np.float32))
    with pytest.raises(UsageError, match="lacks ignored, intervals, name, scored, subject"):
        load_record(tmp_path / "bad.npz")
