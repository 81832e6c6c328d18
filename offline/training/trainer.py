"""The training loop: steps, metrics, checkpoints, and an exact resume after interruption."""

import logging
import time
from collections.abc import Callable
from dataclasses import fields
from typing import Final, cast

import torch
from torch import Tensor, nn
from tqdm import tqdm

from engines.errors import UsageError
from offline.spotformer.distillation import teacher_loss
from offline.spotformer.losses import LossParts, TargetBatch, spotformer_loss
from offline.spotformer.model import Logits, SpotFormer
from offline.spotformer.targets import Targets
from offline.training.config import TrainingConfig
from offline.training.curves import plot_curves
from offline.training.ema import WeightAverage
from offline.training.interrupts import deferred_interrupt
from offline.training.prefetch import Prefetcher
from offline.training.run_folder import CURVES, RunFolder
from offline.training.sampler import Batch, BatchSampler
from offline.training.schedule import learning_rate
from offline.training.settings import SpotFormerSettings

log = logging.getLogger(__name__)

Validate = Callable[[SpotFormer], dict[str, float]]
PARTS: Final = LossParts._fields


class Trainer:
    """Trains one SpotFormer in one run folder.

    Step n's batch and learning rate follow from n, and the checkpoint holds weights, optimiser
    and torch's generator: a run that was interrupted and resumed ends with the same weights as
    one that was not, on one machine.

    Parameters
    ----------
    model
        Network to train, already initialised.
    sampler
        Gives the batch of a step.
    settings
        Loss and training settings.
    steps_per_epoch
        Steps in one epoch, at least 1.
    run
        Where everything is written.
    device
        Where torch computes.
    validate
        Called with the network that would be saved, in evaluation mode; its scores join the
        epoch's metrics.
    progress
        Whether to show a progress bar on standard error.
    teacher
        A trained network whose answers join the loss; it reads the same nodes.
    """

    def __init__(
        self,
        model: SpotFormer,
        sampler: BatchSampler,
        settings: SpotFormerSettings,
        steps_per_epoch: int,
        run: RunFolder,
        *,
        device: torch.device | None = None,
        validate: Validate | None = None,
        progress: bool = True,
        teacher: SpotFormer | None = None,
    ) -> None:
        self._device = device or torch.device("cpu")
        self._model = model.to(self._device)
        self._sampler = sampler
        self._settings = settings
        self._steps_per_epoch = steps_per_epoch
        self._run = run
        self._validate = validate
        self._progress = progress
        self._teacher = teacher.to(self._device).eval() if teacher else None
        self._optimizer = make_optimizer(model, settings.training)
        decay = settings.training.ema_decay
        self._average = WeightAverage(self._model, decay) if decay else None
        self._step = 0
        self._sums = torch.zeros(len(PARTS), dtype=torch.float64)
        self._seconds = 0.0

    def fit(self) -> None:
        """Train until the last epoch, from the folder's checkpoint where it has one.

        Raises
        ------
        KeyboardInterrupt
            After an interrupt, once the step in hand is done and saved.
        UsageError
            If the loss is no longer finite, or the checkpoint is of another network.
        """
        self._resume()
        last = self._settings.training.epochs * self._steps_per_epoch
        bar = tqdm(
            total=last, initial=self._step, desc="training", unit="step",
            disable=not self._progress, dynamic_ncols=True,
        )  # fmt: skip
        batches = Prefetcher(self._sampler.batch, self._step, last)
        with bar, batches, deferred_interrupt() as asked:
            started = time.perf_counter()
            for batch in batches:
                self._train_step(batch)
                bar.update()
                if self._step % self._steps_per_epoch == 0:
                    self._seconds += time.perf_counter() - started
                    bar.set_postfix(loss=f"{self._finish_epoch():.4f}")
                    started = time.perf_counter()
                if asked.is_set():
                    self._seconds += time.perf_counter() - started
                    self._save_checkpoint()
                    log.warning("interrupted at step %d of %d, saved", self._step, last)
                    raise KeyboardInterrupt

    def _train_step(self, batch: Batch) -> None:
        config = self._settings.training
        rate = learning_rate(self._step, self._steps_per_epoch, config)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._model.train()
        parts = self._loss(batch)
        if not torch.isfinite(parts.total):
            raise UsageError(
                f"training: the loss is not finite at step {self._step}; "
                "lower training.learning_rate or set training.gradient_clip"
            )
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(parts.total)
        if config.gradient_clip:
            nn.utils.clip_grad_norm_(self._model.parameters(), config.gradient_clip)
        self._optimizer.step()
        if self._average:
            self._average.update(self._model)
        self._sums += torch.stack([part.detach() for part in parts]).double().cpu()
        self._step += 1

    def _loss(self, batch: Batch) -> LossParts:
        windows = torch.from_numpy(batch.windows).to(self._device)
        targets = to_tensors(batch.targets, self._device)
        reduced = self._settings.training.bfloat16
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=reduced):
            logits = self._model(windows)
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

    def _finish_epoch(self) -> float:
        """Validate, write metrics, weights and checkpoint; return the epoch's mean loss."""
        config = self._settings.training
        epoch = self._step // self._steps_per_epoch
        is_last = epoch == config.epochs
        means = (self._sums / self._steps_per_epoch).tolist()
        metrics = {"epoch": float(epoch), "steps": float(self._step)}
        metrics |= dict(zip(PARTS, means, strict=True))
        metrics["learning_rate"] = float(self._optimizer.param_groups[0]["lr"])
        metrics["seconds"] = round(self._seconds, 3)
        if self._validate and (is_last or _due(epoch, config.validate_every)):
            metrics |= self._validate(self.inference_model())
        history = [m for m in self._run.metrics() if m["epoch"] < epoch] + [metrics]
        self._run.write_metrics(history)
        self._save_weights(epoch)
        if is_last or _due(epoch, config.plot_every):
            plot_curves(history, self._run.path / CURVES)
        self._sums.zero_()
        self._seconds = 0.0
        self._save_checkpoint()
        return float(means[0])

    def inference_model(self) -> SpotFormer:
        """Return a copy in evaluation mode, with averaged weights where they are kept."""
        copy = SpotFormer(self._model.config).to(self._device)
        copy.load_state_dict(self._average.weights if self._average else self._model.state_dict())
        return copy.eval()

    def _save_weights(self, epoch: int) -> None:
        weights = self._average.weights if self._average else self._model.state_dict()
        self._run.save_weights(weights)
        if _due(epoch, self._settings.training.keep_every):
            self._run.save_weights(weights, f"weights-{epoch:04d}.safetensors")

    def _save_checkpoint(self) -> None:
        state: dict[str, object] = {
            "step": self._step,
            "steps_per_epoch": self._steps_per_epoch,
            "sums": self._sums,
            "seconds": self._seconds,
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "generator": torch.get_rng_state(),
        }
        if self._device.type == "cuda":
            state["cuda_generator"] = torch.cuda.get_rng_state(self._device)
        if self._average:
            state["average"] = self._average.state()
        self._run.save_checkpoint(state)

    def _resume(self) -> None:
        state = self._run.load_checkpoint()
        if state is None:
            return
        try:
            self._restore(state)
        except (KeyError, RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise UsageError(
                f"{self._run.path}: its checkpoint does not fit this run ({reason}); "
                "choose a new folder"
            ) from error
        self._require_same_epochs(cast(int, state.get("steps_per_epoch", self._steps_per_epoch)))
        log.info("going on at step %d", self._step)

    def _require_same_epochs(self, steps_per_epoch: int) -> None:
        last = self._settings.training.epochs * self._steps_per_epoch
        if steps_per_epoch != self._steps_per_epoch or self._step > last:
            raise UsageError(
                f"{self._run.path}: has {self._step} steps of {steps_per_epoch} per epoch, which "
                f"cannot become {last} of {self._steps_per_epoch}; choose a new folder"
            )

    def _restore(self, state: dict[str, object]) -> None:
        self._model.load_state_dict(cast(dict[str, Tensor], state["model"]))
        self._optimizer.load_state_dict(cast(dict[str, object], state["optimizer"]))
        self._step = cast(int, state["step"])
        self._sums = cast(Tensor, state["sums"])
        self._seconds = cast(float, state["seconds"])
        torch.set_rng_state(cast(Tensor, state["generator"]))
        if "cuda_generator" in state and self._device.type == "cuda":
            torch.cuda.set_rng_state(cast(Tensor, state["cuda_generator"]), self._device)
        if self._average:
            average = cast(dict[str, object], state["average"])
            self._average.restore(
                cast(int, average["updates"]), cast(dict[str, Tensor], average["weights"])
            )


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


def _due(epoch: int, every: int) -> bool:
    return every > 0 and epoch % every == 0
