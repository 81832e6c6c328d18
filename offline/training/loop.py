"""The training loop of any method: steps, metrics, checkpoints, and an exact resume."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Generic, cast

import torch
from torch import Tensor, nn
from tqdm import tqdm

from engines.errors import UsageError
from offline.training.curves import plot_curves
from offline.training.ema import WeightAverage
from offline.training.interrupts import deferred_interrupt
from offline.training.prefetch import Prefetcher
from offline.training.run_folder import CURVES, RunFolder
from offline.training.task import Course, Losses, Network, Remembers

log = logging.getLogger(__name__)


class TrainingLoop(Generic[Network]):
    """Trains one network in one run folder.

    What a step learns from and its learning rate follow from its number, and the checkpoint holds
    weights, optimiser, torch's generator and what the task remembers: a run that was interrupted
    and resumed ends with the same weights as one that was not, on one machine.

    Parameters
    ----------
    network
        Network to train, on its device, already initialised.
    course
        How, in terms of the method.
    run
        Where everything is written.
    validate
        Called with the network that would be saved, in evaluation mode; its scores join the
        epoch's metrics.
    progress
        Whether to show a progress bar on standard error.
    """

    def __init__(
        self,
        network: Network,
        course: Course[Network],
        run: RunFolder,
        *,
        validate: Callable[[Network], dict[str, float]] | None = None,
        progress: bool = True,
    ) -> None:
        self._network = network
        self._device = next(network.parameters()).device
        self._course = course
        self._config = course.config
        self._run = run
        self._validate = validate
        self._progress = progress
        decay = course.config.ema_decay
        self._average = WeightAverage(network, decay) if decay else None
        self._step = 0
        self._sums = torch.zeros(len(course.task.parts), dtype=torch.float64)
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
        last = self._config.epochs * self._course.steps_per_epoch
        bar = tqdm(
            total=last, initial=self._step, desc="training", unit="step",
            disable=not self._progress, dynamic_ncols=True,
        )  # fmt: skip
        steps = Prefetcher(self._course.task.step, self._step, last)
        with bar, steps, deferred_interrupt() as asked:
            started = time.perf_counter()
            for losses in steps:
                self._train_step(losses)
                bar.update()
                if self._step % self._course.steps_per_epoch == 0:
                    self._seconds += time.perf_counter() - started
                    bar.set_postfix(loss=f"{self._finish_epoch():.4f}")
                    started = time.perf_counter()
                if asked.is_set():
                    self._seconds += time.perf_counter() - started
                    self._save_checkpoint()
                    log.warning("interrupted at step %d of %d, saved", self._step, last)
                    raise KeyboardInterrupt

    def _train_step(self, losses: Callable[[Network], Losses]) -> None:
        rate = self._course.rate(self._step)
        for group in self._course.optimizer.param_groups:
            group["lr"] = rate
        self._network.train()
        parts = losses(self._network)
        if not torch.isfinite(parts[0]):
            raise UsageError(
                f"training: the loss is not finite at step {self._step}; "
                "lower training.learning_rate or set training.gradient_clip"
            )
        self._course.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(parts[0])
        if self._config.gradient_clip:
            nn.utils.clip_grad_norm_(self._network.parameters(), self._config.gradient_clip)
        self._course.optimizer.step()
        if self._average:
            self._average.update(self._network)
        self._sums += torch.stack([part.detach() for part in parts]).double().cpu()
        self._step += 1

    def _finish_epoch(self) -> float:
        """Validate, write metrics, weights and checkpoint; return the epoch's mean loss."""
        config, task = self._config, self._course.task
        epoch = self._step // self._course.steps_per_epoch
        is_last = epoch == config.epochs
        means = (self._sums / self._course.steps_per_epoch).tolist()
        metrics = {"epoch": float(epoch), "steps": float(self._step)}
        metrics |= task.metrics(dict(zip(task.parts, means, strict=True)))
        metrics["learning_rate"] = float(self._course.optimizer.param_groups[0]["lr"])
        metrics["seconds"] = round(self._seconds, 3)
        if self._validate and (is_last or _due(epoch, config.validate_every)):
            metrics |= self._validate(self._as_saved())
        history = [m for m in self._run.metrics() if m["epoch"] < epoch] + [metrics]
        self._run.write_metrics(history)
        self._save_weights(epoch)
        if is_last:
            task.keep(self._as_saved, self._run)
        if is_last or _due(epoch, config.plot_every):
            plot_curves(history, self._run.path / CURVES)
        self._sums.zero_()
        self._seconds = 0.0
        self._save_checkpoint()
        return float(means[0])

    def _as_saved(self) -> Network:
        """Return a copy in evaluation mode, with averaged weights where they are kept."""
        copy = self._course.blank().to(self._device)
        copy.load_state_dict(self._weights())
        return copy.eval()

    def _weights(self) -> Mapping[str, Tensor]:
        return self._average.weights if self._average else self._network.state_dict()

    def _save_weights(self, epoch: int) -> None:
        weights = self._weights()
        self._run.save_weights(weights)
        if _due(epoch, self._config.keep_every):
            self._run.save_weights(weights, f"weights-{epoch:04d}.safetensors")

    def _save_checkpoint(self) -> None:
        state: dict[str, object] = {
            "step": self._step,
            "steps_per_epoch": self._course.steps_per_epoch,
            "sums": self._sums,
            "seconds": self._seconds,
            "model": self._network.state_dict(),
            "optimizer": self._course.optimizer.state_dict(),
            "generator": torch.get_rng_state(),
        }
        if self._device.type == "cuda":
            state["cuda_generator"] = torch.cuda.get_rng_state(self._device)
        if self._average:
            state["average"] = self._average.state()
        if isinstance(self._course.task, Remembers):
            state["memory"] = self._course.task.memory()
        self._run.save_checkpoint(state)

    def _resume(self) -> None:
        state = self._run.load_checkpoint()
        if state is None:
            return
        steps = self._course.steps_per_epoch
        try:
            self._restore(state)
        except (KeyError, RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise UsageError(
                f"{self._run.path}: its checkpoint does not fit this run ({reason}); "
                "choose a new folder"
            ) from error
        self._require_same_epochs(cast(int, state.get("steps_per_epoch", steps)))
        log.info("going on at step %d", self._step)

    def _require_same_epochs(self, steps_per_epoch: int) -> None:
        now = self._course.steps_per_epoch
        last = self._config.epochs * now
        if steps_per_epoch != now or self._step > last:
            raise UsageError(
                f"{self._run.path}: has {self._step} steps of {steps_per_epoch} per epoch, which "
                f"cannot become {last} of {now}; choose a new folder"
            )

    def _restore(self, state: dict[str, object]) -> None:
        self._network.load_state_dict(cast(dict[str, Tensor], state["model"]))
        self._course.optimizer.load_state_dict(cast(dict[str, object], state["optimizer"]))
        self._step = cast(int, state["step"])
        self._sums = cast(Tensor, state["sums"])
        self._seconds = cast(float, state["seconds"])
        if isinstance(self._course.task, Remembers):
            self._course.task.recall(cast(dict[str, Tensor], state["memory"]))
        torch.set_rng_state(cast(Tensor, state["generator"]))
        if "cuda_generator" in state and self._device.type == "cuda":
            torch.cuda.set_rng_state(cast(Tensor, state["cuda_generator"]), self._device)
        if self._average:
            average = cast(dict[str, object], state["average"])
            self._average.restore(
                cast(int, average["updates"]), cast(dict[str, Tensor], average["weights"])
            )


def _due(epoch: int, every: int) -> bool:
    return every > 0 and epoch % every == 0
