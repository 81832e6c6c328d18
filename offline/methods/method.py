"""What commands need to know of a method."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import onnx
import torch

from offline.methods.network import SpottingNetwork
from offline.training.points import PointSource
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.sources import Source
from offline.training.task import Course
from offline.training.video_labels import VideoLabels

SettingsT = TypeVar("SettingsT")
Network = TypeVar("Network", bound=SpottingNetwork)


@dataclass(frozen=True, slots=True)
class Job:
    """What one training works with, beyond its settings.

    Attributes
    ----------
    sources
        Training records.
    seed
        Of every random choice.
    device
        Where torch computes.
    points
        Point labels, for a method that learns from them.
    teacher
        Run folder of a network to learn from besides the labels.
    labels
        Which kinds a video holds, for a method that learns from that; None takes the records' own.
    """

    sources: Sequence[Source]
    seed: int
    device: torch.device
    points: PointSource | None = None
    teacher: Path | None = None
    labels: VideoLabels | None = None


class Method(ABC, Generic[SettingsT, Network]):
    """A way to train a network and to use it."""

    @property
    @abstractmethod
    def name(self) -> str:
        """As commands, run folders and manifests call it."""

    @property
    @abstractmethod
    def uses_points(self) -> bool:
        """Whether it learns from points, and from nothing else."""

    @property
    def uses_video_labels(self) -> bool:
        """Whether it learns from which kinds a video holds, and from nothing else."""
        return False

    @abstractmethod
    def build(self, settings: SettingsT) -> Network:
        """Return a network whose weights are drawn from torch's generator."""

    @abstractmethod
    def course(self, settings: SettingsT, network: Network, job: Job) -> Course[Network]:
        """Return how a network, which lies on the job's device, is trained.

        Raises
        ------
        UsageError
            If the data cannot be trained on.
        """

    @abstractmethod
    def begin_with(self, network: Network, run: RunFolder) -> None:
        """Give a network the weights of an earlier run.

        Raises
        ------
        ValueError, RuntimeError, UsageError
            If they do not fit.
        """

    @abstractmethod
    def load(self, run: RunFolder, weights: str = WEIGHTS) -> Network:
        """Return the network of a run, in evaluation mode, on the processor.

        Raises
        ------
        UsageError
            If the folder holds no network of this method, or its weights do not fit.
        """

    @abstractmethod
    def to_onnx(self, network: Network) -> onnx.ModelProto:
        """Return the inference graph, whose outputs are the network's scores.

        Raises
        ------
        UsageError
            If the network is a variant that cannot be run live.
        """
