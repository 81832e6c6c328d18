"""I3D features through the extraction of whole folders: found again, resumed, relabelled, named."""

import dataclasses

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.data.extract_all import extract_all
from offline.data.recording import VideoRecording
from offline.data.videos import Video
from offline.evaluation.instances import Instance
from offline.i3d import clips, extraction
from offline.i3d.flow import FlowError
from offline.i3d.store import I3dStore
from offline.i3d.weights import I3dWeights
from offline.snippets.store import load_snippet_folder, load_snippets
from tests.offline.i3d.i3d_makers import RANDOM, MeanStreams, QuickFlow, images
from tests.realtime.flow.film_files import write_film

LABEL = Instance("a", Kind.MICRO, 3, 9, 6)


@pytest.fixture
def streams(monkeypatch):
    made = MeanStreams()
    monkeypatch.setattr(clips, "TvL1", QuickFlow)
    monkeypatch.setattr(extraction, "two_streams", lambda *_: made)
    return made


@pytest.fixture
def store(tmp_path, streams):
    return I3dStore.open(tmp_path / "features", RANDOM, keyed_names=False)


def recording(folder, name, count, *labels):
    path = folder / f"{name}.mkv"
    if not path.is_file():
        write_film(path, images(count, seed=count))
    return VideoRecording(Video(path, name, f"subject of {name}", labels))


def test_features_have_their_labels_and_say_what_made_them(tmp_path, store):
    summary = extract_all(store, [recording(tmp_path, "a", 13, LABEL)])
    assert summary.count("extracted") == 1
    (record,) = load_snippet_folder(store.root)
    assert (record.name, record.subject, record.snippets) == ("a", "subject of a", 3)
    assert record.source == "i3d-random-7"
    np.testing.assert_allclose(record.timestamps_s, np.arange(13) / 30, atol=1e-3)
    (interval,) = record.intervals
    assert (interval.onset, interval.apex, interval.offset) == (3, 6, 9)


def test_what_is_there_is_not_measured_again_and_new_labels_are_laid(tmp_path, store, streams):
    extract_all(store, [recording(tmp_path, "a", 13, LABEL)])
    asked = streams.asked
    other = dataclasses.replace(LABEL, offset=10)
    summary = extract_all(store, [recording(tmp_path, "a", 13, other)])
    assert summary.count("relabelled") == 1
    assert extract_all(store, [recording(tmp_path, "a", 13, other)]).count("present") == 1
    assert streams.asked == asked
    assert load_snippets(store.root / "a.i3d").intervals[0].offset == 10


@pytest.mark.parametrize(
    "change", [{"frames": 6}, {"weights": I3dWeights(seed=8)}, {"region": "face"}]
)
def test_features_of_another_way_have_another_key(tmp_path, store, change):
    video = recording(tmp_path, "a", 13)
    if "region" in change:
        change = {"region": type(RANDOM.region)("face")}
    other = I3dStore.open(store.root, dataclasses.replace(RANDOM, **change))
    assert store.key(video) != other.key(video)


def test_the_device_is_no_part_of_the_key(store):
    cuda = dataclasses.replace(RANDOM, device="cuda")
    assert I3dStore.open(store.root, cuda).settings == store.settings


def test_a_video_shorter_than_one_snippet_is_named_and_has_a_record(tmp_path, store, caplog):
    extract_all(store, [recording(tmp_path, "short", 4)])
    assert "short: has 4 frames" in caplog.text
    (record,) = load_snippet_folder(store.root)
    assert record.snippets == 0


def test_a_flow_that_fails_is_named_and_the_other_videos_are_extracted(
    tmp_path, store, monkeypatch
):
    class Failing(QuickFlow):
        def __init__(self):
            Failing.videos += 1

        def between(self, first, second):
            if Failing.videos == 1:
                raise FlowError("no memory")
            return super().between(first, second)

    Failing.videos = 0
    monkeypatch.setattr(clips, "TvL1", Failing)
    summary = extract_all(store, [recording(tmp_path, "a", 9), recording(tmp_path, "b", 10)])
    (failed,) = summary.failed
    assert failed.name == "a"
    assert "TV-L1 flow from frame 0 to 1 failed: no memory" in failed.reason
    assert [record.name for record in load_snippet_folder(store.root)] == ["b"]


def test_an_interrupted_run_goes_on_where_it_was(tmp_path, store, streams, monkeypatch):
    videos = [recording(tmp_path, "a", 14)]
    whole = I3dStore.open(tmp_path / "whole", RANDOM, keyed_names=False)
    extract_all(whole, videos)
    ask, streams.asked = streams.features, 0

    def interrupted(clip):
        if streams.asked == 2:
            raise KeyboardInterrupt
        return ask(clip)

    monkeypatch.setattr(streams, "features", interrupted)
    with pytest.raises(KeyboardInterrupt):
        extract_all(store, videos)
    assert not list(store.root.glob("*.i3d"))
    assert len(list(store.cache.glob("*.partial"))) == 1
    monkeypatch.setattr(streams, "features", ask)
    assert extract_all(store, videos).count("extracted") == 1
    assert streams.asked == 3
    assert not list(store.cache.glob("*.partial"))
    assert (store.root / "a.i3d").read_bytes() == (whole.root / "a.i3d").read_bytes()


def test_features_of_different_weights_do_not_mix(tmp_path, store):
    extract_all(store, [recording(tmp_path, "a", 9)])
    other = dataclasses.replace(RANDOM, weights=I3dWeights(seed=8))
    extract_all(I3dStore.open(store.root, other, False), [recording(tmp_path, "b", 10)])
    with pytest.raises(UsageError, match="were made in different ways"):
        load_snippet_folder(store.root)


@pytest.mark.parametrize("frames", [-1, 0, 1, 257])
def test_snippets_of_too_few_or_too_many_frames_are_refused(frames):
    with pytest.raises(UsageError, match="--snippet: a snippet has 2 to 256 frames"):
        dataclasses.replace(RANDOM, frames=frames)


def test_valid_snippets_hold_finite_numbers(tmp_path, store):
    extract_all(store, [recording(tmp_path, "a", 13)])
    record = load_snippets(store.root / "a.i3d")
    assert record.valid.all()
    assert np.abs(record.streams).sum(axis=2).all()
