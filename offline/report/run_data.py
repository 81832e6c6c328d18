"""Runs as a report reads them: LOSO runs, finished or not, and ordinary training runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.subjects import Subjects
from offline.evaluation.summary import Summary
from offline.loso.folder import LosoFolder
from offline.report.files import JsonObject, read_curves
from offline.report.held_out import HeldOutFeatures
from offline.report.judged import Verdict
from offline.report.soft_labels import SoftLabels
from offline.report.values import section

_LOGITS: Final = "mc-wes"
Epochs = Sequence[Mapping[str, float]]
Curves = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Training:
    """One training: a fold, or an ordinary run.

    Attributes
    ----------
    name
        Held-out subject, or name of the run.
    epochs
        Metrics of every finished epoch.
    finished
        Whether it came to its end.
    selection
        What ``selection.json`` says; empty where there is none.
    features
        Of held-out frames, where they were kept.
    soft_labels
        Pseudo-labels of some expressions, where they were kept.
    """

    name: str
    epochs: Epochs
    finished: bool
    selection: JsonObject = field(default_factory=dict)
    features: HeldOutFeatures | None = None
    soft_labels: SoftLabels | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Labels, proposals and their figures.

    Attributes
    ----------
    truth, ignored, predictions
        In ticks of the 30 Hz grid.
    subjects
        Who is in each video.
    ticks
        Length of each video, where it is known.
    summary
        The evaluator's figures.
    verdict
        What became of each proposal and label.
    """

    truth: tuple[Instance, ...]
    ignored: tuple[Instance, ...]
    predictions: tuple[Instance, ...]
    subjects: Subjects
    ticks: Mapping[str, int]
    summary: Summary
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a report.

    Attributes
    ----------
    name
        Distinct in the report.
    path
        Its folder.
    loso
        Whether it leaves subjects out.
    config, environment, result
        Contents of its JSON files; empty where they are missing.
    trainings
        Its folds that have begun, or the one training.
    expected
        How many trainings there are to be.
    evidence
        None where nothing can be evaluated.
    gaps
        What is missing, in words.
    """

    name: str
    path: Path
    loso: bool
    config: JsonObject
    environment: JsonObject
    result: JsonObject
    trainings: tuple[Training, ...]
    expected: int
    evidence: Evidence | None = None
    gaps: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        done = sum(one.finished for one in self.trainings)
        return done >= self.expected and (not self.loso or bool(self.result))

    @property
    def dataset(self) -> str:
        """Name of the dataset; empty where the run does not say."""
        name = self.data.get("name")
        return name if isinstance(name, str) else ""

    @property
    def data(self) -> JsonObject:
        """What the run says of its videos."""
        return section(self.result, "data") or section(self.config, "data")

    @property
    def selection(self) -> str:
        """Rule by which epochs were chosen."""
        rule = self.config.get("selection")
        return rule if isinstance(rule, str) else ""

    def curves(self, video: str) -> Curves:
        """Return the scores of a video, float32 (T,) by name; empty where they were not kept.

        The class scores of MC-WES, which are logits, are returned as their logistic function.

        Raises
        ------
        UsageError
            If the file is damaged.
        """
        if self.evidence is None:
            return {}
        subject = self.evidence.subjects.by_video[video]
        found = read_curves(LosoFolder(self.path).fold(subject).scores(video))
        if self.config.get("method") != _LOGITS:
            return found
        return {
            name: logistic(values) if name in set(Kind) else values
            for name, values in found.items()
        }


def logistic(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 / (1 + exp(-x)) of each logit, NaN of NaN."""
    # by tanh, which does not overflow
    found: NDArray[np.float32] = (0.5 * (1 + np.tanh(0.5 * logits))).astype(np.float32)
    return found
