"""Features of a whole dataset on disk, one file per video, never older than what makes them.

A file is found by the key of its content (:mod:`offline.data.feature_key`). When the frames, the
extractor or its settings change, the key does, and what was there before is not used any more.
Labels are no part of the key: they are laid on the grid anew when a file is loaded.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engines.errors import UsageError
from offline.data.extraction import Extraction, ExtractionOptions, extract
from offline.data.feature_files import SUFFIX
from offline.data.feature_key import FeatureSettings
from offline.data.keyed_folder import KeyedFolder
from offline.data.labels import Labelled, ignored_interval, label_interval, split_labels
from offline.data.origin import Origin
from offline.data.recording import Recording
from offline.data.records import FeatureRecord
from offline.data.store import Labelling, load_record, read_labelling, save_record
from realtime.sources.base import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeatureStore(KeyedFolder):
    """A folder of SW-MRO features, one ``.npz`` file per video.

    Attributes
    ----------
    options
        How features are read.
    """

    options: ExtractionOptions

    @classmethod
    def open(
        cls, root: Path, options: ExtractionOptions | None = None, keyed_names: bool = True
    ) -> "FeatureStore":
        """Return the store of a folder, which need not exist.

        Raises
        ------
        ModelError
            If the face model's file is missing.
        """
        chosen = options or ExtractionOptions()
        return cls(root, FeatureSettings.of(chosen).text, keyed_names, SUFFIX, chosen)

    def measure(self, source: Source, recording: Recording) -> Extraction:  # noqa: ARG002
        """Return the windows of an open source, which is closed here.

        Raises
        ------
        SourceError
            If it cannot be read to its end.
        """
        return extract(source, self.options)

    def save(
        self, path: Path, recording: Recording, made: Extraction, labels: Labelled, origin: Origin
    ) -> None:
        """Write what was measured, with its labels and where it comes from."""
        bare = made.record(recording.name, recording.subject)
        save_record(path, replace(bare, intervals=labels[0], ignored=labels[1]), origin)

    def labelling(self, path: Path) -> Labelling:
        """Return the labels of one of its files.

        Raises
        ------
        DamagedError
            If it is damaged.
        """
        return read_labelling(path)

    def relabel(self, path: Path, subject: str, labels: Labelled, origin: Origin) -> None:
        """Replace the labels of one of its files.

        Raises
        ------
        DamagedError
            If it is damaged.
        """
        record = replace(load_record(path), subject=subject, intervals=labels[0], ignored=labels[1])
        save_record(path, record, origin)

    def load(self, recording: Recording) -> FeatureRecord:
        """Return a recording's features with its present labels.

        Labels outside the video are left out; the log names them.

        Raises
        ------
        SourceError
            If the frames cannot be read, so that nobody knows whether the features are theirs.
        UsageError
            If they were not extracted, or a label has no kind.
        """
        found = self.find(recording)
        if found is None:
            raise UsageError(f"{recording.name}: no features of it in {self.root}; extract first")
        path, origin = found
        intervals, ignored, rejected = lay_labels(recording, origin.timestamps_s.tolist())
        for reason in rejected:
            log.warning("label left out: %s", reason)
        return replace(
            load_record(path),
            name=recording.name,
            subject=recording.subject,
            intervals=intervals,
            ignored=ignored,
        )


def lay_labels(recording: Recording, timestamps_s: Sequence[float]) -> Labelled:
    """Return the labels and the ignored intervals of a recording in ticks, and what is rejected.

    Raises
    ------
    UsageError
        If a label has no kind.
    """
    labels, wrong = split_labels(recording.labels, len(timestamps_s))
    ignored, also_wrong = split_labels(recording.ignored, len(timestamps_s))
    return (
        tuple(label_interval(label, timestamps_s) for label in labels),
        tuple(ignored_interval(label, timestamps_s) for label in ignored),
        wrong + also_wrong,
    )
