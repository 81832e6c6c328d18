"""Extraction of a whole dataset into a feature store: resumable, in parallel, with a summary."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from tqdm import tqdm

from engines.errors import SourceError, UsageError
from offline.data.any_store import Made, Store
from offline.data.content import content_hash, source_bytes
from offline.data.feature_store import lay_labels
from offline.data.origin import DamagedError, Origin
from offline.data.recording import Recording
from offline.progress import ProgressSource
from offline.work.executor import Executor, LocalExecutor

log = logging.getLogger(__name__)

Status = Literal["extracted", "present", "relabelled", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one video.

    Attributes
    ----------
    name
        The video.
    status
        ``extracted`` now; ``present`` from before; ``relabelled``: present, but with other labels
        in its file, which were replaced; ``failed``: no features, see ``reason``.
    ticks, faceless
        Length on the 30 Hz grid, and how many ticks had no face.
    rejected
        Labels outside the video, one line each.
    reason
        Why it failed, one line.
    """

    name: str
    status: Status
    ticks: int = 0
    faceless: int = 0
    rejected: tuple[str, ...] = ()
    reason: str = ""

    @property
    def faceless_share(self) -> float:
        """Share of ticks without a face, in [0, 1]."""
        return self.faceless / self.ticks if self.ticks else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a dataset, in the order of its videos."""

    outcomes: tuple[Outcome, ...]

    def count(self, *statuses: Status) -> int:
        """Return the number of videos of some statuses."""
        return sum(outcome.status in statuses for outcome in self.outcomes)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Videos without features."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def face_lost(self) -> tuple[Outcome, ...]:
        """Videos with ticks without a face, most of them first."""
        lost = [outcome for outcome in self.outcomes if outcome.faceless]
        return tuple(sorted(lost, key=lambda outcome: -outcome.faceless_share))

    def document(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "videos": len(self.outcomes),
            "extracted": self.count("extracted"),
            "present": self.count("present", "relabelled"),
            "relabelled": self.count("relabelled"),
            "ticks": sum(outcome.ticks for outcome in self.outcomes),
            "failed": [{"video": o.name, "reason": o.reason} for o in self.failed],
            "face_lost": [
                {"video": o.name, "ticks": o.faceless, "share": round(o.faceless_share, 6)}
                for o in self.face_lost
            ],
            "rejected_labels": [line for o in self.outcomes for line in o.rejected],
        }


def extract_all(
    store: Store[Made],
    recordings: Sequence[Recording],
    workers: int = 1,
    executor: Executor | None = None,
) -> Summary:
    """Extract the videos whose features are not in a store yet.

    Every file is written as a whole, and what is there is not made again: a run that was
    interrupted and repeated ends with the same files. A video that cannot be read to its end is
    named in the summary, and the others are extracted all the same.

    Parameters
    ----------
    store
        Where features go.
    recordings
        The videos.
    workers
        Processes of this machine; each loads its models and compiled kernels once.
    executor
        What works through the videos in place of ``workers``; it reaches the store and the frames
        by the same paths.

    Raises
    ------
    UsageError
        If there are no workers, two videos of one name, or the store cannot be written.
    ModelError
        If the face model cannot be loaded.
    """
    if workers < 1:
        raise UsageError("--workers is at least 1")
    _require_distinct(recordings)
    sizes = {recording.name: _size(recording) for recording in recordings}
    outcomes = {r.name: done for r in recordings if (done := _known(store, r)) is not None}
    missing = [recording for recording in recordings if recording.name not in outcomes]
    chosen = executor or LocalExecutor(workers)
    alone = isinstance(chosen, LocalExecutor) and (chosen.workers == 1 or len(missing) < 2)
    work = partial(extract_one, store, show=alone)
    with tqdm(
        total=sum(sizes.values()),
        initial=sum(sizes[name] for name in outcomes),
        unit="B",
        unit_scale=True,
        disable=len(recordings) < 2,
    ) as progress:
        for outcome in chosen.run(work, missing):
            outcomes[outcome.name] = outcome
            _say(outcome)
            progress.set_postfix_str(f"{len(outcomes)}/{len(recordings)} videos", refresh=False)
            progress.update(sizes[outcome.name])
    return Summary(tuple(outcomes[recording.name] for recording in recordings))


def extract_one(store: Store[Made], recording: Recording, show: bool = False) -> Outcome:
    """Extract one video, unless its features are there.

    Parameters
    ----------
    store
        Where its features go.
    recording
        The video.
    show
        Whether to show its frames going by.

    Raises
    ------
    UsageError
        If the store cannot be written.
    """
    try:
        return _present(store, recording) or _extracted(store, recording, show)
    except SourceError as error:
        return Outcome(recording.name, "failed", reason=str(error))


def _known(store: Store[Made], recording: Recording) -> Outcome | None:
    """Return what is there of a video if that is known without reading its frames."""
    try:
        return _present(store, recording, cheaply=True)
    except SourceError as error:
        return Outcome(recording.name, "failed", reason=str(error))


def _size(recording: Recording) -> int:
    try:
        return source_bytes(recording.path)
    except SourceError:
        return 0


def _extracted(store: Store[Made], recording: Recording, show: bool) -> Outcome:
    content = content_hash(recording.path, store.cache)
    source = recording.open()
    made = store.measure(ProgressSource(source) if show else source, recording)
    times = np.asarray(made.timestamps_s, np.float64).reshape(-1)
    labels = lay_labels(recording, made.timestamps_s)
    origin = Origin(store.settings, content, recording.sampling, times, made.faceless)
    path = store.path(recording, origin.key)
    with _writing(path):
        store.save(path, recording, made, labels, origin)
    return Outcome(recording.name, "extracted", made.ticks, made.faceless, labels[2])


def _present(store: Store[Made], recording: Recording, cheaply: bool = False) -> Outcome | None:
    """Return what is there of a video; labels in its file that have changed are replaced."""
    found = store.find(recording, cheaply)
    if found is None:
        return None
    path, origin = found
    try:
        stored = store.labelling(path)
        labels = lay_labels(recording, origin.timestamps_s.tolist())
        now = (recording.subject, *labels[:2])
        same = now == (stored.subject, stored.intervals, stored.ignored)
        if not same:
            with _writing(path):
                store.relabel(path, recording.subject, labels, origin)
    except DamagedError as error:
        log.warning("%s", error)
        return None
    status: Status = "present" if same else "relabelled"
    return Outcome(recording.name, status, stored.ticks, origin.faceless, labels[2])


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{path}: cannot be written: {reason}; choose another --out") from error


def _say(outcome: Outcome) -> None:
    if outcome.status == "failed":
        log.warning("skipped: %s", outcome.reason)
    for line in outcome.rejected:
        log.warning("label left out: %s", line)


def _require_distinct(recordings: Sequence[Recording]) -> None:
    names = Counter(recording.name for recording in recordings)
    if twice := [name for name, count in names.items() if count > 1]:
        raise UsageError(f"two videos are called {twice[0]}; rename one")
