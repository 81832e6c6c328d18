"""Features of several windows in one folder: never mixed, never in part."""

from pathlib import Path

import numpy as np
import pytest

from engines.errors import UsageError
from offline.data.feature_files import feature_files, window_of
from offline.data.origin import DamagedError
from offline.data.records import FeatureRecord
from offline.data.store import load_folder, load_record, save_record
from offline.loso.corpus import Corpus
from offline.snippets.reads import Reads
from realtime.types import NODES


def write(path: Path, window: int, name: str = "", ticks: int = 3) -> None:
    features = np.zeros((ticks, window, len(NODES), 2), np.float32)
    scored = np.ones(ticks, np.bool_)
    name = name or path.stem
    save_record(path, FeatureRecord(name, f"of {name}", features, scored, (), window=window))


@pytest.mark.parametrize("window", [5, 9, 17, 25, 33])
@pytest.mark.parametrize("ticks", [0, 3])
def test_a_file_says_of_which_window_it_is_and_comes_back(tmp_path: Path, window, ticks) -> None:
    write(tmp_path / "a.npz", window, ticks=ticks)
    assert window_of(tmp_path / "a.npz") == window
    record = load_record(tmp_path / "a.npz")
    assert (record.window, record.features.shape[:2]) == (window, (ticks, window))


def test_of_a_folder_with_features_of_several_windows_those_that_are_read_are_found(
    tmp_path: Path,
) -> None:
    for window in (9, 17, 25):
        for name in ("a", "b"):
            write(tmp_path / str(window) / f"{name}.npz", window)
    for window in (9, 17, 25):
        paths = feature_files(tmp_path, window)
        assert paths == [tmp_path / str(window) / f"{name}.npz" for name in ("a", "b")]
        assert {record.window for record in load_folder(tmp_path, window)} == {window}
        clips = Corpus.of_folder(tmp_path, Reads(window)).clips
        assert [clip.path for clip in clips] == paths


@pytest.mark.parametrize(
    "read", [load_folder, lambda folder, window: Corpus.of_folder(folder, Reads(window))]
)
def test_a_folder_of_other_windows_is_refused_in_one_line_that_says_what_to_do(
    tmp_path: Path, read
) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.npz", 17)
        write(tmp_path / f"{name}.9.npz", 9, name)
    with pytest.raises(UsageError, match="windows of 9, 17 ticks, not of 25") as refused:
        read(tmp_path, 25)
    assert str(refused.value).endswith("extract again with --window 25")
    assert str(refused.value).startswith(str(tmp_path))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("read", "lacking"), [(17, "c"), (25, "a")])
def test_no_video_is_left_out_because_its_features_are_of_another_window(
    tmp_path: Path, read: int, lacking: str
) -> None:
    """As when a part of a folder was extracted again with another window."""
    for name, window in (("a", 17), ("b", 17), ("c", 25)):
        write(tmp_path / f"{name}.npz", window)
    with pytest.raises(UsageError, match=f"{lacking} has no features.* --window {read}"):
        feature_files(tmp_path, read)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "a.npz", 17)
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(DamagedError, match=r"bad\.npz: not a feature file"):
        feature_files(tmp_path, 17)


@pytest.mark.parametrize(
    "features", [np.zeros(4, np.float32), np.zeros((3, 8, 18, 2), np.float32), np.array("x")]
)
def test_features_that_are_no_windows_are_refused(tmp_path: Path, features) -> None:
    write(tmp_path / "a.npz", 17)
    with np.load(tmp_path / "a.npz") as stored:
        np.savez(tmp_path / "a.npz", **{**stored, "features": features})
    with pytest.raises(DamagedError, match=r"a\.npz: not a feature file"):
        load_record(tmp_path / "a.npz")
    with pytest.raises(UsageError, match=r"a\.npz|windows of 8 ticks"):
        feature_files(tmp_path, 17)


def test_an_archive_without_features_or_a_name_is_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", scored=np.zeros(3))
    with pytest.raises(DamagedError, match="not a feature file"):
        window_of(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", features=np.zeros((3, 25, 18, 2), np.float32))
    write(tmp_path / "b.npz", 17)
    with pytest.raises(DamagedError, match="no name"):
        feature_files(tmp_path, 17)
