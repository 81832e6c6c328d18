"""From settings and sources to a finished run folder."""

import dataclasses
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from engines.errors import UsageError
from offline.data.records import FeatureRecord, Recipe
from offline.spotformer.distillation import narrow_weights
from offline.spotformer.inference import load_model
from offline.spotformer.inputs import supply_for
from offline.spotformer.model import SpotFormer
from offline.training.config import TrainingConfig
from offline.training.memory import keep_large_blocks
from offline.training.pools import FixedPool, Pool, RecipePool
from offline.training.run_folder import RunFolder
from offline.training.sampler import BatchSampler, WeightedPool
from offline.training.settings import SpotFormerSettings
from offline.training.trainer import Trainer, Validate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from.

    Attributes
    ----------
    name
        As the user names it; part of the run's configuration.
    supply
        Loaded records, or a recipe.
    share
        Share of every batch's segments.
    """

    name: str
    supply: Sequence[FeatureRecord] | Recipe
    share: float = 1.0


def train(
    settings: SpotFormerSettings,
    sources: Sequence[Source],
    path: Path,
    seed: int,
    *,
    resume: bool = False,
    threads: int = 0,
    device: str = "auto",
    validate: Validate | None = None,
    progress: bool = True,
    start_from: Path | None = None,
    teacher: Path | None = None,
    command: str = "",
) -> RunFolder:
    """Train a SpotFormer, or go on with a run that was interrupted.

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
    resume
        Go on although loss, training or data settings of the run in the folder differ.
    threads
        Threads of torch; 0 leaves its choice.
    device
        ``"cpu"``, ``"cuda"`` or ``"auto"``.
    validate
        Scores the network after epochs; see :class:`~offline.training.trainer.Trainer`.
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
    pools = [make_pool(source, number, settings, seed) for number, source in enumerate(sources)]
    weighted = [WeightedPool(p, s.share) for p, s in zip(pools, sources, strict=True)]
    sampler = BatchSampler(weighted, settings.training, settings.model.node_indices, seed)
    steps = count_steps(pools, settings.training)
    torch.manual_seed(seed)
    model = SpotFormer(settings.model)
    log.info("%d weights, %d steps per epoch", model.parameters_count, steps)
    config = describe(settings, sources, seed)
    if start_from is not None:
        load_first_weights(model, start_from)
        config["start_from"] = start_from.name
    master = None
    if teacher is not None:
        master = load_teacher(teacher, settings)
        config["teacher"] = teacher.name
    defaults = dataclasses.asdict(SpotFormerSettings())
    run = RunFolder.start(path, config, resume, defaults=defaults, command=command)
    chosen = choose_device(device)
    Trainer(
        model, sampler, settings, steps, run,
        device=chosen, validate=validate, progress=progress, teacher=master,
    ).fit()  # fmt: skip
    return run


def load_first_weights(model: SpotFormer, folder: Path) -> None:
    """Give a network the weights of an earlier run.

    Raises
    ------
    UsageError
        If the folder holds no run of a network like this one.
    """
    try:
        weights = RunFolder.existing(folder).load_weights()
        model.load_state_dict(narrow_weights(weights, model))
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise UsageError(
            f"cannot start from {folder}: {why}; name a finished run of the same model"
        ) from None


def load_teacher(folder: Path, settings: SpotFormerSettings) -> SpotFormer:
    """Return a finished run's network to learn from.

    Raises
    ------
    UsageError
        If it reads other inputs than the network that is to learn.
    """
    teacher = load_model(RunFolder.existing(folder))
    for name in ("nodes", "window", "flow"):
        if getattr(teacher.config, name) != getattr(settings.model, name):
            raise UsageError(
                f"{folder}: the teacher's {name} differs; name one that reads the same"
            )
    return teacher


def describe(
    settings: SpotFormerSettings, sources: Sequence[Source], seed: int
) -> dict[str, object]:
    """Return the configuration of a run as JSON can hold it."""
    data = [{"name": source.name, "share": source.share} for source in sources]
    return {"method": "spotformer", **dataclasses.asdict(settings), "data": data, "seed": seed}


def make_pool(source: Source, number: int, settings: SpotFormerSettings, seed: int) -> Pool:
    """Return the pool of one source."""
    config = settings.training
    supply = supply_for(source.supply, settings.model)
    if isinstance(supply, Sequence):
        return FixedPool(supply, config.segment_ticks)
    return RecipePool(
        supply,
        seed=seed,
        source=number,
        size=config.pool_records,
        fresh_per_step=config.fresh_records_per_step,
        segment_ticks=config.segment_ticks,
    )


def count_steps(pools: Sequence[Pool], config: TrainingConfig) -> int:
    """Return the steps of an epoch: as set, or one pass over the expression segments.

    Raises
    ------
    UsageError
        If the number is not set and a source is endless.
    """
    if config.steps_per_epoch:
        return config.steps_per_epoch
    segments = 0
    for pool in pools:
        if not isinstance(pool, FixedPool):
            raise UsageError(
                "training: steps_per_epoch must be set with simulated data, which never ends; "
                "add --set training.steps_per_epoch=200"
            )
        segments += pool.expression_segments()
    return max(1, math.ceil(segments / config.segments))


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
