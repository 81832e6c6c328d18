"""The feature store: what is found again, what is not, and what a run of many videos says."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import ModelError, SourceError, UsageError
from engines.intervals import Interval, Kind
from offline.data import feature_key as keys
from offline.data.extract_all import extract_all
from offline.data.extraction import ExtractionOptions, extract_path
from offline.data.feature_key import FeatureSettings, feature_key
from offline.data.feature_store import FeatureStore
from offline.data.recording import VideoRecording
from offline.data.store import load_folder, load_record, save_record
from offline.data.videos import Video
from offline.evaluation.instances import Instance
from realtime.flow.step import Alignment
from realtime.sources.base import Source
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film

FRAMES = 20
SMILE = Instance("a", Kind.MICRO, 3, 9, 6)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two videos with a face, one whose face leaves, and a folder of images with a damaged one."""
    folder = tmp_path_factory.mktemp("films")
    images = [shot.image for shot in film([], FRAMES)]
    blank = np.zeros_like(images[0])
    (folder / "torn").mkdir()
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / "torn" / f"img{number + 1}.png"), image[..., ::-1])
    (folder / "torn" / "img12.png").write_bytes(b"no image")
    return {
        "a": write_film(folder / "a.mkv", images),
        "b": write_film(folder / "b.mkv", images[::-1], Fraction(25)),
        "gone": write_film(folder / "gone.mkv", images[:10] + [blank] * 10),
        "torn": folder / "torn",
    }


def recording(films: dict[str, Path], name: str, *labels: Instance) -> VideoRecording:
    return VideoRecording(Video(films[name], name, f"subject of {name}", labels))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.npz"))}


def test_loaded_features_are_those_of_the_video_with_its_labels(films, tmp_path: Path) -> None:
    store, video = FeatureStore.open(tmp_path), recording(films, "a", SMILE)
    assert extract_all(store, [video]).count("extracted") == 1
    record = store.load(video)
    expected = extract_path(films["a"], ExtractionOptions()).record("a", "", [SMILE])
    np.testing.assert_array_equal(record.features, expected.features)
    assert record.scored.all()
    assert record.intervals == (Interval(Kind.MICRO, 3, 6, 9),)
    assert (record.name, record.subject) == ("a", "subject of a")


def test_a_run_in_parts_or_by_two_workers_writes_the_files_of_one_run(
    films, tmp_path: Path
) -> None:
    both = [recording(films, "a", SMILE), recording(films, "b")]
    whole, parts, shared = (FeatureStore.open(tmp_path / n) for n in ("whole", "parts", "shared"))
    extract_all(whole, both)
    extract_all(parts, both[1:])
    kept = {path: path.stat().st_mtime_ns for path in parts.root.glob("*.npz")}
    summary = extract_all(parts, both)
    assert [outcome.status for outcome in summary.outcomes] == ["extracted", "present"]
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    extract_all(shared, both, workers=2)
    assert len(contents(whole.root)) == 2
    assert contents(whole.root) == contents(parts.root) == contents(shared.root)


def test_another_extractor_version_makes_another_file_and_finds_no_old_one(
    films, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = recording(films, "a")
    old = FeatureStore.open(tmp_path)
    extract_all(old, [video])
    monkeypatch.setattr(keys, "FEATURES_VERSION", keys.FEATURES_VERSION + 1)
    new = FeatureStore.open(tmp_path)
    with pytest.raises(UsageError, match="extract first"):
        new.load(video)
    assert extract_all(new, [video]).count("extracted") == 1
    assert len(contents(tmp_path)) == 2
    with pytest.raises(UsageError, match="different ways"):
        load_folder(tmp_path)
    (stale,) = [p for p in tmp_path.glob("*.npz") if p != new.find(video)[0]]
    new.find(video)[0].unlink()
    with pytest.raises(UsageError, match=f"{stale.name}: made by version .* extract it again"):
        load_folder(tmp_path)


def test_everything_that_features_depend_on_changes_their_key(tmp_path: Path) -> None:
    (tmp_path / "one.task").write_bytes(b"one")
    (tmp_path / "two.task").write_bytes(b"two")
    ways = [
        ExtractionOptions(),
        ExtractionOptions(Alignment.NOSE),
        ExtractionOptions(flow="reference"),
        ExtractionOptions(window=9),
        ExtractionOptions(window=25),
        ExtractionOptions(face_model=tmp_path / "one.task"),
        ExtractionOptions(face_model=tmp_path / "two.task"),
    ]
    texts = {FeatureSettings.of(way).text for way in ways}
    assert len(texts) == len(ways)
    text = FeatureSettings.of(ways[0]).text
    assert FeatureSettings.of(ExtractionOptions()).text == text
    distinct = {feature_key(text, c, s) for c in ("c", "d") for s in ("own times", "every 7th")}
    assert len(distinct) == 4
    with pytest.raises(ModelError, match=r"absent\.task"):
        FeatureSettings.of(ExtractionOptions(face_model=tmp_path / "absent.task"))


def test_features_of_two_windows_stand_side_by_side_and_are_not_taken_for_each_other(
    films, tmp_path: Path
) -> None:
    video = recording(films, "a", SMILE)
    usual, long = (
        FeatureStore.open(tmp_path),
        FeatureStore.open(tmp_path, ExtractionOptions(window=25)),
    )
    extract_all(usual, [video])
    assert long.find(video) is None
    with pytest.raises(UsageError, match=r"windows of 17 ticks, not of 25.*--window 25"):
        load_folder(tmp_path, 25)
    assert extract_all(long, [video]).count("extracted") == 1
    assert usual.load(video).features.shape == (FRAMES, 17, 18, 2)
    assert long.load(video).features.shape == (FRAMES, 25, 18, 2)
    for window in (17, 25):
        (record,) = load_folder(tmp_path, window)
        assert (record.window, record.intervals) == (window, usual.load(video).intervals)


def test_the_key_of_the_published_window_is_that_of_features_extracted_before_others_were() -> None:
    """The very text that is stored in such files."""
    text = FeatureSettings(2, "rigid", "streaming", "mesh").text
    assert text == (
        '{"alignment": "rigid", "face_model": "mesh", "features_version": 2, "flow": "streaming", '
        '"format": 1, "nodes": 18, "rate_hz": 30, "window": 17}'
    )


def test_the_rate_of_a_folder_of_images_is_part_of_its_key() -> None:
    video = Video(Path("v"), "v", "s")
    samplings = {VideoRecording(video, rate).sampling for rate in (None, 30.0, 200.0)}
    assert len(samplings) == 3


def test_changed_frames_are_extracted_again(films, tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    path.write_bytes(films["a"].read_bytes())
    store = FeatureStore.open(tmp_path / "store")
    video = VideoRecording(Video(path, "v", "s"))
    extract_all(store, [video])
    path.write_bytes(films["b"].read_bytes())
    with pytest.raises(UsageError, match="extract first"):
        store.load(video)
    assert extract_all(store, [video]).count("extracted") == 1
    assert len(store.load(video).scored) == 24


def test_changed_labels_reach_the_file_without_a_new_extraction(films, tmp_path: Path) -> None:
    store = FeatureStore.open(tmp_path, keyed_names=False)
    extract_all(store, [recording(films, "a")])
    summary = extract_all(store, [recording(films, "a", SMILE)])
    assert summary.count("relabelled") == 1
    assert load_record(tmp_path / "a.npz").intervals == (Interval(Kind.MICRO, 3, 6, 9),)
    assert extract_all(store, [recording(films, "a", SMILE)]).count("present") == 1


def test_a_plain_name_is_replaced_when_the_way_changes(films, tmp_path: Path) -> None:
    video = recording(films, "a")
    save_record(tmp_path / "a.npz", extract_path(films["a"], ExtractionOptions()).record("a", ""))
    for way in (ExtractionOptions(), ExtractionOptions(Alignment.NOSE)):
        store = FeatureStore.open(tmp_path, way, keyed_names=False)
        assert extract_all(store, [video]).count("extracted") == 1
        assert extract_all(store, [video]).count("present") == 1
    assert list(contents(tmp_path)) == ["a.npz"]


def test_a_damaged_or_renamed_file_is_made_anew(films, tmp_path: Path) -> None:
    store = FeatureStore.open(tmp_path)
    a, b = recording(films, "a"), recording(films, "b")
    extract_all(store, [a, b])
    whole = contents(tmp_path)
    (path_a, _), (path_b, _) = store.find(a), store.find(b)
    path_a.write_bytes(path_a.read_bytes()[:1000])
    path_b.write_bytes(whole[path_a.name])
    assert store.find(b) is None, "it holds the features of another video"
    assert extract_all(store, [a, b]).count("extracted") == 2
    assert contents(tmp_path) == whole


def test_what_cannot_be_read_is_named_and_the_rest_is_extracted(films, tmp_path: Path) -> None:
    films = {**films, "absent": tmp_path / "absent.mkv"}
    store = FeatureStore.open(tmp_path / "store")
    late = Instance("gone", Kind.MACRO, 5, FRAMES, 7)
    summary = extract_all(
        store,
        [recording(films, "torn"), recording(films, "absent"), recording(films, "gone", late)],
    )
    document = summary.document()
    torn, absent = document["failed"]
    assert (torn["video"], absent["video"]) == ("torn", "absent")
    assert "img12.png" in torn["reason"]
    assert "absent.mkv" in absent["reason"]
    assert (document["videos"], document["extracted"]) == (3, 1)
    assert document["rejected_labels"] == [
        "gone: macro label at frames 5 to 20, but the video has 20 frames"
    ]
    (lost,) = document["face_lost"]
    assert lost["video"] == "gone"
    assert 5 <= lost["ticks"] <= 10, "ten frames are black; the mesh may hold on for a moment"
    assert lost["share"] == lost["ticks"] / FRAMES
    assert store.load(recording(films, "gone", late)).intervals == ()
    assert extract_all(store, [recording(films, "gone", late)]).document()["face_lost"] == [lost]


@dataclass(frozen=True)
class Breaking(VideoRecording):
    """A recording that an interruption meets."""

    def open(self) -> Source:
        raise KeyboardInterrupt


def test_an_interrupted_run_keeps_what_was_finished_and_nothing_half(films, tmp_path: Path) -> None:
    store, first = FeatureStore.open(tmp_path), recording(films, "a")
    with pytest.raises(KeyboardInterrupt):
        extract_all(store, [first, Breaking(Video(films["b"], "b", "s"))])
    assert len(contents(tmp_path)) == 1
    assert not list(tmp_path.rglob("*.partial"))
    assert store.load(first).scored.all()


def test_features_do_not_outlive_their_frames(films, tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    path.write_bytes(films["a"].read_bytes())
    store, video = FeatureStore.open(tmp_path / "s"), VideoRecording(Video(path, "v", "s"))
    extract_all(store, [video])
    path.unlink()
    with pytest.raises(SourceError, match=r"v\.mkv"):
        store.load(video)


@pytest.mark.parametrize("name", ["", "..", "a/../../b", "/etc/b"])
def test_a_name_never_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    video = VideoRecording(Video(tmp_path, name, "s"))
    with pytest.raises(UsageError, match="cannot name a file"):
        FeatureStore.open(tmp_path).path(video, "0" * 64)


def test_two_videos_of_one_name_or_no_workers_are_refused(films, tmp_path: Path) -> None:
    twin = replace(recording(films, "b"), video=Video(films["b"], "a", "s"))
    with pytest.raises(UsageError, match="two videos are called a"):
        extract_all(FeatureStore.open(tmp_path), [recording(films, "a"), twin])
    with pytest.raises(UsageError, match="--workers"):
        extract_all(FeatureStore.open(tmp_path), [recording(films, "a")], workers=0)


def test_a_place_that_cannot_be_written_is_an_error_in_one_line(films, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written") as caught:
        extract_all(FeatureStore.open(tmp_path / "file" / "store"), [recording(films, "a")])
    assert "\n" not in str(caught.value)


def test_nothing_to_extract_is_an_empty_summary(tmp_path: Path) -> None:
    document = extract_all(FeatureStore.open(tmp_path), []).document()
    assert (document["videos"], document["failed"], document["face_lost"]) == (0, [], [])


def test_a_folder_with_two_files_of_one_video_is_refused(films, tmp_path: Path) -> None:
    store = FeatureStore.open(tmp_path)
    extract_all(store, [recording(films, "a")])
    other = VideoRecording(Video(films["b"], "a", "s"))
    extract_all(store, [other])
    with pytest.raises(UsageError, match="are of one video"):
        load_folder(tmp_path)


@dataclass(frozen=True)
class Missing(VideoRecording):
    """A recording whose frames are not there, as of a dataset in part."""

    @property
    def path(self) -> Path:
        raise SourceError(f"{self.name}: its frames are missing")


def test_a_video_without_frames_fails_alone_and_without_an_executor_running_it(
    films, tmp_path: Path
) -> None:
    class Counting:
        """Works in this process and keeps the names of what it was given."""

        given: list[str]

        def run(self, work, jobs):
            self.given = [job.name for job in jobs]
            return map(work, jobs)

    executor = Counting()
    both = [Missing(Video(films["b"], "b", "s")), recording(films, "a")]
    summary = extract_all(FeatureStore.open(tmp_path), both, executor=executor)
    assert [(o.name, o.status) for o in summary.outcomes] == [("b", "failed"), ("a", "extracted")]
    assert summary.failed[0].reason == "b: its frames are missing"
    assert executor.given == ["a"]
