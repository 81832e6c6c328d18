"""What a SpotFormer is trained for, in terms of the training loop."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Final

import torch
from torch import Tensor, nn

from offline.spotformer.distillation import teacher_loss
from offline.spotformer.losses import LossParts, TargetBatch, spotformer_loss
from offline.spotformer.model import Logits, SpotFormer
from offline.spotformer.targets import Targets
from offline.training.config import TrainingConfig
from offline.training.run_folder import RunFolder
from offline.training.sampler import Batch, BatchSampler
from offline.training.settings import SpotFormerSettings

PARTS: Final = LossParts._fields


class SpotFormerTask:
    """Batches of segments and the loss of section 3.3.

    Parameters
    ----------
    sampler
        Gives the batch of a step.
    settings
        Loss and training settings.
    device
        Where torch computes.
    teacher
        A trained network whose answers join the loss; it reads the same nodes.
    """

    def __init__(
        self,
        sampler: BatchSampler,
        settings: SpotFormerSettings,
        device: torch.device,
        teacher: SpotFormer | None = None,
    ) -> None:
        self._sampler = sampler
        self._settings = settings
        self._device = device
        self._teacher = teacher.to(device).eval() if teacher else None

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the loss's parts."""
        return PARTS

    def step(self, number: int) -> Callable[[SpotFormer], LossParts]:
        """Return the loss of a step's batch as a function of the network."""
        return partial(self._loss, self._sampler.batch(number))

    def metrics(self, means: Mapping[str, float]) -> dict[str, float]:
        """Return the mean of each part."""
        return dict(means)

    def keep(self, network: Callable[[], SpotFormer], run: RunFolder) -> None:
        """Leave nothing behind but the weights."""

    def _loss(self, batch: Batch, network: SpotFormer) -> LossParts:
        windows = torch.from_numpy(batch.windows).to(self._device)
        targets = to_tensors(batch.targets, self._device)
        reduced = self._settings.training.bfloat16
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=reduced):
            logits = network(windows)
        logits = Logits._make(value.float() for value in logits)
        parts = spotformer_loss(logits, targets, self._settings.loss)
        return self._with_teacher(parts, logits, windows)

    def _with_teacher(self, parts: LossParts, logits: Logits, windows: Tensor) -> LossParts:
        if self._teacher is None:
            return parts
        with torch.no_grad():
            answers = self._teacher(windows)
        divergence = teacher_loss(logits, answers)
        total = parts.total + self._settings.loss.teacher_weight * divergence
        return parts._replace(total=total, teacher=divergence)


def make_optimizer(model: nn.Module, config: TrainingConfig) -> torch.optim.AdamW:
    """Return AdamW over all weights, as the paper trains."""
    return torch.optim.AdamW(
        model.parameters(),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        weight_decay=config.weight_decay,
    )


def to_tensors(targets: Targets, device: torch.device) -> TargetBatch:
    """Return targets as tensors on a device."""
    arrays = {f.name: torch.from_numpy(getattr(targets, f.name)) for f in fields(targets)}
    return TargetBatch(**{name: array.to(device) for name, array in arrays.items()})
