"""From settings and sources to a finished run folder."""

import dataclasses
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import torch

from engines.errors import UsageError
from offline.methods.method import Job
from offline.methods.network import SpottingNetwork
from offline.methods.registry import method_of
from offline.training.loop import TrainingLoop
from offline.training.memory import keep_large_blocks
from offline.training.points import PointSource
from offline.training.run_folder import RunFolder
from offline.training.settings import Settings
from offline.training.sources import Source, count_steps, make_pool
from offline.training.video_labels import VideoLabels

__all__ = ["Source", "Validate", "choose_device", "count_steps", "describe", "make_pool", "train"]

log = logging.getLogger(__name__)

Validate: TypeAlias = Callable[[SpottingNetwork], dict[str, float]]
"""Scores a network that is in evaluation mode."""


def train(
    settings: Settings,
    sources: Sequence[Source],
    path: Path,
    seed: int,
    *,
    points: PointSource | None = None,
    labels: VideoLabels | None = None,
    resume: bool = False,
    threads: int = 0,
    device: str = "auto",
    validate: Validate | None = None,
    progress: bool = True,
    start_from: Path | None = None,
    teacher: Path | None = None,
    command: str = "",
) -> RunFolder:
    """Train a network by the method of its settings, or go on with a run that was interrupted.

    Parameters
    ----------
    settings
        Model, loss and training settings.
    sources
        Training records; with several, each fills its share of every batch.
    path
        Run folder.
    seed
        Of the first weights, the records and the batches.
    points
        Point labels, for a method that learns from them.
    labels
        Which kinds a video holds, for a method that learns from that; None takes the records' own.
    resume
        Go on although loss, training or data settings of the run in the folder differ.
    threads
        Threads of torch; 0 leaves its choice.
    device
        ``"cpu"``, ``"cuda"`` or ``"auto"``.
    validate
        Scores the network after epochs; see :class:`~offline.training.loop.TrainingLoop`.
    progress
        Whether to show a progress bar.
    start_from
        Run folder whose weights are the first ones, cut down where its MLP is wider; drawn from
        the seed when None.
    teacher
        Run folder of a network to learn from besides the labels
        (:mod:`offline.spotformer.distillation`).
    command
        What was typed, for the run's configuration.

    Raises
    ------
    UsageError
        If data, settings or folder cannot be honoured.
    KeyboardInterrupt
        After an interrupt, when the run is saved.
    """
    if threads:
        torch.set_num_threads(threads)
    keep_large_blocks()
    method = method_of(settings)
    if points is not None and not method.uses_points:
        raise UsageError(f"--method {method.name} learns from other labels; leave the points out")
    if labels is not None and not method.uses_video_labels:
        raise UsageError(f"--method {method.name} learns from other labels; omit --video-labels")
    job = Job(sources, seed, choose_device(device), points, teacher, labels)
    torch.manual_seed(seed)
    network = method.build(settings)
    config = describe(settings, sources, seed, points, labels)
    if start_from is not None:
        load_first_weights(network, start_from)
        config["start_from"] = start_from.name
    if teacher is not None:
        config["teacher"] = teacher.name
    course = method.course(settings, network.to(job.device), job)
    log.info("%d weights, %d steps per epoch", network.parameters_count, course.steps_per_epoch)
    defaults = dataclasses.asdict(type(settings)())
    run = RunFolder.start(path, config, resume, defaults=defaults, command=command)
    TrainingLoop(network, course, run, validate=validate, progress=progress).fit()
    return run


def load_first_weights(network: SpottingNetwork, folder: Path) -> None:
    """Give a network the weights of an earlier run.

    Raises
    ------
    UsageError
        If the folder holds no run of a network like this one.
    """
    try:
        method_of(network).begin_with(network, RunFolder.existing(folder))
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise UsageError(
            f"cannot start from {folder}: {why}; name a finished run of the same model"
        ) from None


def describe(
    settings: Settings,
    sources: Sequence[Source],
    seed: int,
    points: PointSource | None = None,
    labels: VideoLabels | None = None,
) -> dict[str, object]:
    """Return the configuration of a run as JSON can hold it."""
    data = [{"name": source.name, "share": source.share} for source in sources]
    config: dict[str, object] = {
        "method": settings.method,
        **dataclasses.asdict(settings),
        "data": data,
        "seed": seed,
    }
    if points is not None:
        config["points"] = points.describe()
    if labels is not None:
        config["video_labels"] = labels.describe()
    return config


def choose_device(name: str) -> torch.device:
    """Return the device of a name; ``"auto"`` is the GPU where torch has one.

    Raises
    ------
    UsageError
        If torch has no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"--device {name}: torch cannot use it here") from error
    return torch.device(name)
