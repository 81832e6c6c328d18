"""A folder of I3D features, as extraction sees it."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from offline.data.keyed_folder import KeyedFolder
from offline.data.labels import Labelled
from offline.data.origin import Origin
from offline.data.recording import Recording
from offline.data.store import Labelling
from offline.i3d.config import I3dOptions
from offline.i3d.extraction import I3dExtraction, measure_i3d
from offline.snippets.record import SnippetRecord
from offline.snippets.store import (
    SUFFIX,
    load_snippets,
    read_snippet_labelling,
    save_snippets,
)
from realtime.sources.base import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class I3dStore(KeyedFolder):
    """A folder of I3D features, one ``.i3d`` file per video.

    Attributes
    ----------
    options
        How features are read.
    """

    options: I3dOptions

    @classmethod
    def open(cls, root: Path, options: I3dOptions, keyed_names: bool = True) -> "I3dStore":
        """Return the store of a folder, which need not exist.

        Raises
        ------
        ModelError
            If a checkpoint cannot be read.
        """
        return cls(root, options.settings(), keyed_names, SUFFIX, options)

    def measure(self, source: Source, recording: Recording) -> I3dExtraction:
        """Return the snippets of an open source, which is closed here.

        Raises
        ------
        SourceError
            If it cannot be read to its end, or a flow cannot be computed.
        ModelError
            If a checkpoint cannot be used.
        """
        made = measure_i3d(source, self.options, self._partial(recording))
        if not made.snippets:
            log.warning(
                "%s: has %d frames; a snippet needs %d and the one after it, so nothing can be "
                "spotted in it",
                recording.name,
                len(made.timestamps_s),
                self.options.frames,
            )
        return made

    def save(
        self,
        path: Path,
        recording: Recording,
        made: I3dExtraction,
        labels: Labelled,
        origin: Origin,
    ) -> None:
        """Write what was measured, with its labels and where it comes from."""
        record = SnippetRecord(
            name=recording.name,
            subject=recording.subject,
            streams=made.streams,
            valid=made.valid,
            edges=made.edges,
            source=self.options.weights.source,
            intervals=labels[0],
            ignored=labels[1],
        )
        save_snippets(path, record, origin)
        self._partial(recording).unlink(missing_ok=True)

    def labelling(self, path: Path) -> Labelling:
        """Return the labels of one of its files.

        Raises
        ------
        DamagedError
            If it is damaged.
        """
        return read_snippet_labelling(path)

    def relabel(self, path: Path, subject: str, labels: Labelled, origin: Origin) -> None:
        """Replace the labels of one of its files.

        Raises
        ------
        DamagedError
            If it is damaged.
        """
        record = load_snippets(path)
        record = replace(record, subject=subject, intervals=labels[0], ignored=labels[1])
        save_snippets(path, record, origin)

    def _partial(self, recording: Recording) -> Path:
        """Return where the beginning of a video is kept until all of it is measured."""
        return self.cache / f"{self.key(recording)}.partial"
