"""From a dataset to the corpus of a LOSO run: its features, extracted where they are absent."""

from dataclasses import asdict

from engines.errors import UsageError
from offline.data.extract_all import extract_all
from offline.data.feature_store import FeatureStore
from offline.datasets.marks import Imputation
from offline.datasets.records import Dataset
from offline.loso.corpus import Absent, Corpus
from offline.loso.recording import DatasetRecording
from offline.work.executor import Executor


def corpus_of(
    dataset: Dataset, impute: Imputation, store: FeatureStore, executor: Executor
) -> Corpus:
    """Return all videos of a dataset; what has no features is named in it.

    Parameters
    ----------
    dataset
        As it was read.
    impute
        The rule that gave the offsets that were not annotated.
    store
        Where features are, or go.
    executor
        Where they are extracted.

    Raises
    ------
    UsageError
        If no video has features, or all are of one subject.
    ModelError
        If the face model cannot be loaded.
    """
    absent = [
        Absent(video.name, video.subject, len(video.instances), "its frames are missing")
        for video in dataset.videos
        if video.source is None
    ]
    recordings = [DatasetRecording(video) for video in dataset.videos if video.source is not None]
    summary = extract_all(store, recordings, executor=executor)
    reasons = {outcome.name: outcome.reason for outcome in summary.failed}
    absent += [
        Absent(one.name, one.subject, len(one.labels), reasons[one.name])
        for one in recordings
        if one.name in reasons
    ]
    if len(reasons) == len(recordings):
        raise UsageError(
            f"{dataset.root}: none of the {len(dataset.videos)} videos of {dataset.name} has "
            "features; see fes-offline dataset check"
        )
    found = [store.find(one) for one in recordings if one.name not in reasons]
    return Corpus.of(
        dataset.name,
        [place[0] for place in found if place is not None],
        absent,
        {
            "imputation": f"{impute.value} ({sum(dataset.imputed.values())} offsets)",
            "imputed": dict(dataset.imputed),
            "rejected_rows": [asdict(finding) for finding in dataset.rejected],
            "rejected_labels": [line for one in summary.outcomes for line in one.rejected],
            "features": store.settings,
        },
    )
