import dataclasses

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.data.origin import DamagedError
from offline.snippets.store import load_snippet_folder, load_snippets, save_snippets
from tests.offline.snippets.test_record import RECORD

FULL = dataclasses.replace(
    RECORD,
    streams=np.random.default_rng(0).normal(0, 1, (2, 3, 5)).astype(np.float32),
    valid=np.array([True, False, True]),
    ignored=(Interval(Kind.MACRO, 10, 11, 12),),
)
EMPTY = dataclasses.replace(
    RECORD, streams=np.zeros((2, 0, 5), np.float32), valid=np.ones(0, np.bool_), edges=np.zeros(1)
)


@pytest.mark.parametrize("record", [FULL, EMPTY])
def test_what_is_loaded_is_what_was_saved(tmp_path, record):
    save_snippets(tmp_path / "a.i3d", record)
    loaded = load_snippets(tmp_path / "a.i3d")
    for field in dataclasses.fields(record):
        one, other = getattr(record, field.name), getattr(loaded, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"streams": None}, "lacks streams"),
        ({"source": None}, "lacks source"),
        ({"streams": np.zeros((2, 3, 5))}, "streams must be float32"),
        ({"valid": np.zeros(3)}, "valid must be bool"),
        ({"edges": np.array([0.0, 3, 2, 5])}, "edges must be finite and increase"),
        ({"streams": np.full((2, 3, 5), np.inf, np.float32)}, "finite"),
        ({"intervals": np.zeros((1, 3))}, "intervals must be"),
        ({"name": np.array([{}], object)}, "not a feature file"),
    ],
)
def test_damaged_files_are_named_with_what_is_wrong(tmp_path, change, reason):
    path = tmp_path / "a.i3d"
    save_snippets(path, FULL)
    with np.load(path) as stored:
        arrays = {**dict(stored), **change}
    with path.open("wb") as file:
        np.savez(file, **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(DamagedError, match=f"a.i3d: .*{reason}"):
        load_snippets(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04"])
def test_torn_files_are_refused(tmp_path, content):
    (tmp_path / "a.i3d").write_bytes(content)
    with pytest.raises(DamagedError, match="extract it again"):
        load_snippets(tmp_path / "a.i3d")


def test_a_folder_without_snippets_says_how_to_make_some(tmp_path):
    with pytest.raises(UsageError, match="extract --source i3d"):
        load_snippet_folder(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        load_snippet_folder(tmp_path / "absent")


def test_two_files_of_one_video_are_refused(tmp_path):
    for name in ("a", "b"):
        save_snippets(tmp_path / f"{name}.i3d", FULL)
    with pytest.raises(UsageError, match="are of one video"):
        load_snippet_folder(tmp_path)
