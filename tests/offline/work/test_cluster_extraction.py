"""Extraction on a local Ray of two workers, one of which is killed in mid-run."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from offline.data.extract_all import extract_all
from offline.data.feature_store import FeatureStore
from offline.data.videos import Video
from offline.datasets.catalog import load_dataset
from offline.datasets.marks import Imputation
from offline.loso.corpus import Corpus
from offline.loso.features import corpus_of
from offline.loso.run import run_loso
from offline.work.cluster import RayExecutor
from offline.work.executor import LocalExecutor
from tests.offline.loso.loso_makers import files_of, plan
from tests.offline.work.traced_recordings import TracedRecording
from tests.offline.work.waiting import busy_workers, in_background, wait_for
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film

NAMES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four videos of four people, each of its own length, and their labels."""
    folder = tmp_path_factory.mktemp("videos")
    images = [shot.image for shot in film([], 48)]
    for number, name in enumerate(NAMES):
        write_film(folder / f"{name}.mkv", images[: 40 + 2 * number])
    with (folder / "truth.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("subject", "video", "onset", "apex", "offset", "kind"))
        writer.writerows((f"of {name}", name, 9, 14, 20, "micro") for name in NAMES)
    return folder


def kill_one(done: Path, is_right: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """Kill a worker that is at a video of the right kind, once the first features are there."""
    wait_for(lambda: any(done.rglob("*.npz")))
    killed: list[psutil.Process] = []

    def kill() -> bool:
        for process in busy_workers():
            process.suspend()
            if not killed and is_right(process):
                killed.append(process)
                process.kill()
            else:
                process.resume()
        return bool(killed)

    wait_for(kill)
    return killed


def test_a_worker_killed_in_mid_run_loses_no_video_and_does_none_twice(
    cluster: RayExecutor, videos: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    trace.mkdir()
    recordings = [
        TracedRecording(Video(videos / f"{name}.mkv", name, f"of {name}"), trace=trace)
        for name in NAMES
    ]
    killed: list[psutil.Process] = []
    store, here = (FeatureStore.open(tmp_path / name) for name in ("cluster", "here"))

    def reads_a_video(process: psutil.Process) -> bool:
        return any(
            process.pid in one.opened() and not any(store.root.glob(f"{one.name}.*.npz"))
            for one in recordings
        )

    killer = in_background(lambda: killed.extend(kill_one(store.root, reads_a_video)))
    summary = extract_all(store, recordings, executor=cluster)
    killer.join()
    assert [outcome.status for outcome in summary.outcomes] == ["extracted"] * 4
    opened = [recording.opened() for recording in recordings]
    assert sorted(map(len, opened)) == [1, 1, 1, 2]
    assert [pids[0] for pids in opened if len(pids) == 2] == [killed[0].pid]
    assert len({pid for pids in opened for pid in pids}) >= 2
    extract_all(here, recordings)
    assert files_of(store.root) == files_of(here.root)
    again = extract_all(store, recordings, executor=cluster)
    assert again.count("present") == 4


def test_the_features_of_a_dataset_and_its_folds_come_from_a_cluster_as_from_one_process(
    cluster: RayExecutor, videos: Path, tmp_path: Path
) -> None:
    dataset = load_dataset("folder", videos)

    def corpus(name: str, executor: RayExecutor | LocalExecutor) -> Corpus:
        store = FeatureStore.open(tmp_path / name / "features")
        return corpus_of(dataset, Imputation.MIRROR, store, executor)

    killed: list[psutil.Process] = []
    killer = in_background(lambda: killed.extend(kill_one(tmp_path / "cluster", lambda _: True)))
    ours, theirs = corpus("cluster", cluster), corpus("here", LocalExecutor())
    killer.join()
    assert len(killed) == 1
    assert ours.subjects == tuple(f"of {name}" for name in NAMES)
    for name, found, executor in (("cluster", ours, cluster), ("here", theirs, LocalExecutor())):
        run = run_loso(plan(), found, tmp_path / name, executor=executor, progress=False)
        assert [outcome.status for outcome in run.outcomes] == ["done"] * 4
    assert files_of(tmp_path / "cluster") == files_of(tmp_path / "here")


def test_paths_may_be_relative_to_where_the_command_was_given(
    cluster: RayExecutor, videos: Path, tmp_path: Path, monkeypatch
) -> None:
    """The cluster began elsewhere."""
    monkeypatch.chdir(tmp_path)
    relative = Path(os.path.relpath(videos, tmp_path))
    recordings = [
        TracedRecording(Video(relative / f"{name}.mkv", name, name), trace=Path())
        for name in NAMES[:2]
    ]
    summary = extract_all(FeatureStore.open(Path("store")), recordings, executor=cluster)
    assert summary.count("extracted") == 2
    assert len(list((tmp_path / "store").glob("*.npz"))) == 2
