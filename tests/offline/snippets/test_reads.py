import dataclasses

import numpy as np
import pytest

from engines.errors import UsageError
from offline.data.store import save_record
from offline.snippets.reads import Reads, random_note
from offline.snippets.record import SnippetRecord
from offline.snippets.store import load_snippets, save_snippets
from offline.training.data import parse_sources, validation_records
from offline.training.settings import load_settings
from tests.offline.loso.loso_makers import record as windows
from tests.offline.snippets.snippet_makers import I3D, i3d_record, write_i3d


def test_settings_say_which_files_their_network_reads():
    assert load_settings("spotformer-window-9").files == Reads(9)
    assert load_settings("gim-paper").files == Reads()
    assert load_settings("mc-wes-default").files == Reads()
    for method in ("mc-wes", "pwes"):
        chosen = load_settings(f"{method}-casme2", ["snippets.source=i3d-random-3"])
        assert chosen.files == Reads(source="i3d-random-3")
        assert chosen.files.i3d


def test_of_a_folder_of_both_sorts_each_network_reads_its_own(tmp_path):
    write_i3d(tmp_path, "ab")
    save_record(tmp_path / "a.npz", windows("video-a", "a", 0))
    assert [path.name for path in I3D.files(tmp_path)] == ["video-a.i3d", "video-b.i3d"]
    assert [path.name for path in Reads().files(tmp_path)] == ["a.npz"]
    assert [one.name for one in I3D.load_folder(tmp_path)] == ["video-a", "video-b"]
    (one,) = Reads().load_folder(tmp_path)
    assert one.ticks == 80
    for path, reads in ((tmp_path / "a.npz", Reads()), (tmp_path / "video-a.i3d", I3D)):
        assert isinstance(reads.load(path), SnippetRecord) is reads.i3d


def test_features_of_other_weights_are_refused_before_anything_is_trained(tmp_path):
    write_i3d(tmp_path, "a", "i3d-random-7")
    for read in (lambda: I3D.load_folder(tmp_path), lambda: I3D.load(tmp_path / "video-a.i3d")):
        with pytest.raises(
            UsageError, match=r"of i3d-random-7, and the network reads i3d; .*--set"
        ):
            read()


def test_a_folder_of_the_other_sort_alone_says_what_to_do(tmp_path):
    write_i3d(tmp_path / "i3d", "a")
    save_record(tmp_path / "npz" / "a.npz", windows("video-a", "a", 0))
    with pytest.raises(UsageError, match="holds I3D features alone, and the network reads sw-mro"):
        Reads().load_folder(tmp_path / "i3d")
    with pytest.raises(UsageError, match=r"no I3D features .*extract --source i3d"):
        I3D.load_folder(tmp_path / "npz")
    for reads in (Reads(), I3D):
        with pytest.raises(UsageError, match="no such folder"):
            reads.load_folder(tmp_path / "absent")


def test_training_and_validation_read_snippets(tmp_path):
    write_i3d(tmp_path, "ab")
    (source,) = parse_sources(f"{tmp_path}=0.5", reads=I3D)
    assert [one.name for one in source.supply] == ["video-a", "video-b"]
    assert [one.source for one in validation_records(str(tmp_path), 0, I3D)] == ["i3d"] * 2


def test_simulated_features_are_not_of_i3d():
    for read in (lambda: parse_sources("simulated", reads=I3D),
                 lambda: validation_records("simulated", 0, I3D)):  # fmt: skip
        with pytest.raises(UsageError, match="is SW-MRO features, and the network reads i3d"):
            read()


def test_only_random_weights_have_a_note():
    assert "RANDOM FEATURES (i3d-random-42)" in random_note("i3d-random-42")
    assert "seed 42" in random_note("i3d-random-42")
    assert random_note("i3d") == random_note("sw-mro") == ""


def test_a_video_is_as_long_as_its_frames_and_holds_all_its_snippets(tmp_path):
    write_i3d(tmp_path, "a", times=True)
    whole = load_snippets(tmp_path / "video-a.i3d")
    assert whole.ticks == 165
    assert i3d_record("a", 0).ticks == 160
    short = dataclasses.replace(whole, edges=whole.edges * 0.6, timestamps_s=np.zeros(0))
    assert short.ticks == 96
    save_snippets(tmp_path / "short.i3d", dataclasses.replace(short, name="short"))
    assert load_snippets(tmp_path / "short.i3d").ticks == 96
