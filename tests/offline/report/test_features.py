from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.report.held_out import HeldOutFeatures, load_features, save_features
from offline.report.principal import project
from tests.offline.report.report_makers import some_features, write_text


def test_features_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = some_features()
    save_features(tmp_path / "features.npz", written)
    read = load_features(tmp_path / "features.npz")
    assert read is not None
    assert np.array_equal(read.features, written.features)
    assert np.array_equal(read.labels, written.labels)


def test_missing_features_are_none(tmp_path: Path) -> None:
    assert load_features(tmp_path / "features.npz") is None


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "features.npz", features=np.zeros((2, 3)))
    with pytest.raises(UsageError, match="holds no features"):
        load_features(tmp_path / "features.npz")
    write_text(tmp_path / "other.npz", "text")
    with pytest.raises(UsageError, match="holds no features"):
        load_features(tmp_path / "other.npz")


@pytest.mark.parametrize(
    ("features", "labels"),
    [
        (np.zeros((2, 3)), np.zeros(3)),
        (np.zeros(3), np.zeros(3)),
        (np.full((1, 2), np.nan), np.zeros(1)),
        (np.zeros((1, 2)), np.array([3])),
    ],
)
def test_features_that_cannot_be_right_are_refused(
    features: NDArray[np.float64], labels: NDArray[np.float64]
) -> None:
    with pytest.raises(ValueError, match=r"features|labels"):
        HeldOutFeatures(features.astype(np.float32), labels.astype(np.int64))


def test_features_on_a_line_have_all_their_variance_on_one_component() -> None:
    along = np.linspace(-1, 1, 9)
    held = HeldOutFeatures(
        (along[:, None] * [3.0, 4.0]).astype(np.float32), np.repeat(np.arange(3), 3)
    )
    found = project(held)
    assert found is not None
    assert found.shares[0] == pytest.approx(1)
    assert found.shares[1] == pytest.approx(0, abs=1e-9)
    assert found.points[:, 0] == pytest.approx(5 * along, abs=1e-5)


def test_components_are_those_of_the_covariance() -> None:
    held = some_features()
    found = project(held)
    assert found is not None
    values = np.linalg.eigvalsh(np.cov(held.features.astype(np.float64).T))[::-1]
    assert found.shares == pytest.approx(tuple(values[:2] / values.sum()))
    assert np.cov(found.points.T) == pytest.approx(np.diag(values[:2]), abs=1e-9)


def test_many_frames_of_a_class_do_not_crowd_out_the_others() -> None:
    labels = np.array([0] * 1000 + [1] * 30 + [2] * 5)
    features = np.random.default_rng(0).normal(size=(len(labels), 3)).astype(np.float32)
    found = project(HeldOutFeatures(features, labels), most_per_class=50)
    assert found is not None
    assert np.bincount(found.labels).tolist() == [50, 30, 5]


@pytest.mark.parametrize(("frames", "width"), [(0, 4), (2, 4), (9, 1)])
def test_too_few_frames_or_dimensions_give_no_picture(frames: int, width: int) -> None:
    held = HeldOutFeatures(np.ones((frames, width), np.float32), np.zeros(frames, np.int64))
    assert project(held) is None


def test_equal_features_give_no_error() -> None:
    held = HeldOutFeatures(np.ones((5, 3), np.float32), np.zeros(5, np.int64))
    found = project(held)
    assert found is not None
    assert np.isfinite(found.points).all()
