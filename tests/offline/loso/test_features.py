"""From a dataset on disk to a corpus."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from engines.errors import SourceError, UsageError
from engines.intervals import Interval, Kind
from offline.data.feature_store import FeatureStore
from offline.data.recording import VideoRecording
from offline.data.videos import Video
from offline.datasets.catalog import load_dataset
from offline.datasets.frames import sampled
from offline.datasets.marks import Imputation
from offline.datasets.records import Dataset, DatasetVideo
from offline.datasets.sampling import Sampling
from offline.loso.features import corpus_of
from offline.loso.recording import DatasetRecording
from offline.work.executor import LocalExecutor
from tests.offline.datasets.dataset_makers import write_csv
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film

Job = TypeVar("Job")
Result = TypeVar("Result")


class Elsewhere:
    """An executor that is not of this machine's processes, and works backwards."""

    def run(self, work: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        yield from [work(job) for job in reversed(jobs)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two people in two videos, a third in a video that is no video, a fourth in none."""
    root = tmp_path_factory.mktemp("dataset")
    images = [shot.image for shot in film([], 20)]
    write_film(root / "one.mkv", images)
    write_film(root / "two.mkv", images[::-1])
    (root / "torn.mkv").write_bytes(b"no video")
    write_csv(
        root / "truth.csv",
        [
            ("subject", "video", "onset", "apex", "offset", "kind"),
            ("anna", "one", 3, 6, 9, "micro"),
            ("ben", "two", 8, 5, 4, "micro"),
            ("carl", "torn", 1, 2, 3, "macro"),
            ("dora", "absent", 1, 2, 3, "macro"),
            ("dora", "absent", 5, 6, 7, "macro"),
        ],
    )
    return load_dataset("folder", root)


def test_a_corpus_holds_what_can_be_read_and_names_the_rest(dataset, tmp_path: Path) -> None:
    store = FeatureStore.open(tmp_path)
    corpus = corpus_of(dataset, Imputation.MIRROR, store, LocalExecutor())
    assert [(c.name, c.subject, c.ticks) for c in corpus.clips] == [
        ("one", "anna", 20),
        ("two", "ben", 20),
    ]
    assert corpus.clips[0].intervals == (Interval(Kind.MICRO, 3, 6, 9),)
    assert {(one.video, one.labels) for one in corpus.absent} == {("torn", 1), ("absent", 2)}
    about = corpus.describe()
    assert about["imputation"] == "2apex-onset (0 offsets)"
    assert len(about["rejected_rows"]) == 1
    again = corpus_of(dataset, Imputation.MIRROR, store, Elsewhere())
    assert again == corpus


def test_a_dataset_without_frames_has_no_corpus(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "truth.csv",
        [("subject", "video", "onset", "apex", "offset", "kind"), ("a", "v", 1, 2, 3, "micro")],
    )
    with pytest.raises(UsageError, match="none of the 1 videos of folder has features"):
        corpus_of(
            load_dataset("folder", tmp_path),
            Imputation.MIRROR,
            FeatureStore.open(tmp_path / "features"),
            LocalExecutor(),
        )


def test_a_video_of_a_dataset_has_the_key_of_the_same_video_without_one(
    dataset: Dataset, tmp_path: Path
) -> None:
    store = FeatureStore.open(tmp_path)
    (video,) = (v for v in dataset.videos if v.name == "one")
    assert video.source is not None
    plain = VideoRecording(Video(video.source, "one", "anna"))
    assert store.key(DatasetRecording(video)) == store.key(plain)


def test_how_frames_are_sampled_is_part_of_the_key(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    video = DatasetVideo("s", "v", tmp_path / "images", 200.0, 70)
    seventh = DatasetRecording(sampled(video, Sampling(7)))
    assert DatasetRecording(video).sampling == "all frames at 200.0 Hz"
    assert seventh.sampling == "every 7th frame, at 30 Hz"


def test_a_recording_without_frames_says_so() -> None:
    with pytest.raises(SourceError, match="missing"):
        DatasetRecording(DatasetVideo("s", "v", None, 30.0, None)).open()
