"""One training run on disk: what was asked for, where it ran, what came out.

``config.json``, ``environment.json``, ``metrics.jsonl``, ``checkpoint.pt``,
``weights.safetensors``, ``weights-EPOCH.safetensors`` where kept, ``curves.png``.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engines.errors import UsageError
from offline.training.changes import changed_settings, with_command
from offline.training.environment import describe_environment

CONFIG: Final = "config.json"
ENVIRONMENT: Final = "environment.json"
METRICS: Final = "metrics.jsonl"
CHECKPOINT: Final = "checkpoint.pt"
WEIGHTS: Final = "weights.safetensors"
CURVES: Final = "curves.png"

JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run; every one is replaced atomically.

    Attributes
    ----------
    path
        The folder.
    """

    path: Path

    @classmethod
    def start(
        cls,
        path: Path,
        config: JsonObject,
        resume: bool = False,
        *,
        defaults: JsonObject | None = None,
        command: str = "",
    ) -> "RunFolder":
        """Open a folder for a run with this configuration.

        A new or empty folder starts a run. A folder that holds a run of the same configuration
        goes on with it; of another, only with ``resume`` and an unchanged model.

        Parameters
        ----------
        path
            The folder.
        config
            What decides the weights.
        resume
            Whether other settings than the model may differ.
        defaults
            Of settings that a run of an earlier version may lack.
        command
            What was typed; empty where nothing was.

        Raises
        ------
        UsageError
            If the folder holds something else, or another run.
        """
        folder = cls(path)
        before: JsonObject = {}
        if (path / CONFIG).exists():
            before = folder.config()
            folder._require_same(changed_settings(before, config, defaults or {}), resume)
        elif path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(f"{path}: holds something other than a run; choose a new folder")
        path.mkdir(parents=True, exist_ok=True)
        folder.write_json(CONFIG, with_command(config, before, command))
        folder.write_json(ENVIRONMENT, describe_environment())
        return folder

    @classmethod
    def existing(cls, path: Path) -> "RunFolder":
        """Return the folder of an earlier run.

        Raises
        ------
        UsageError
            If there is none.
        """
        if not (path / CONFIG).is_file():
            raise UsageError(f"{path}: not a run folder, it has no {CONFIG}")
        return cls(path)

    def _require_same(self, changed: Sequence[str], resume: bool) -> None:
        if changed and (not resume or "model" in changed or "method" in changed):
            raise UsageError(
                f"{self.path}: holds a run with another {', '.join(changed)}; "
                "choose a new folder, or go on with it by --resume (never with another model)"
            )

    def config(self) -> dict[str, object]:
        """Return the run's configuration.

        Raises
        ------
        UsageError
            If the file is not a JSON object.
        """
        try:
            value = json.loads((self.path / CONFIG).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{self.path / CONFIG}: cannot be read: {error}") from error
        if not isinstance(value, dict):
            raise UsageError(f"{self.path / CONFIG}: is not a JSON object")
        return value

    def write_json(self, name: str, value: JsonObject) -> None:
        """Write a JSON object."""
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        self._replace(name, text.encode())

    def metrics(self) -> list[dict[str, float]]:
        """Return the metrics of every finished epoch, in order."""
        path = self.path / METRICS
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def write_metrics(self, epochs: list[dict[str, float]]) -> None:
        """Write one JSON line per epoch."""
        self._replace(METRICS, "".join(json.dumps(e) + "\n" for e in epochs).encode())

    def save_checkpoint(self, state: dict[str, object]) -> None:
        """Write what is needed to go on: tensors, numbers and containers of them only."""
        temporary = self.path / f"{CHECKPOINT}.partial"
        torch.save(state, temporary)
        temporary.replace(self.path / CHECKPOINT)

    def load_checkpoint(self) -> dict[str, object] | None:
        """Return the last checkpoint, or None where there is none.

        Raises
        ------
        UsageError
            If the file is not a checkpoint.
        """
        path = self.path / CHECKPOINT
        if not path.exists():
            return None
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            reason = str(error).splitlines()[0]
            raise UsageError(f"{path}: not a readable checkpoint ({reason}); delete it") from error
        if not isinstance(state, dict):
            raise UsageError(f"{path}: not a checkpoint; delete it")
        return state

    def save_weights(self, weights: Mapping[str, Tensor], name: str = WEIGHTS) -> None:
        """Write the weights that inference uses."""
        temporary = self.path / f"{name}.partial"
        save_file({k: v.detach().cpu().contiguous() for k, v in weights.items()}, temporary)
        temporary.replace(self.path / name)

    def load_weights(self, name: str = WEIGHTS) -> dict[str, Tensor]:
        """Return saved weights.

        Raises
        ------
        UsageError
            If they are missing or unreadable.
        """
        path = self.path / name
        try:
            return load_file(path)
        except Exception as error:
            raise UsageError(f"{path}: no readable weights ({error}); train first") from error

    def _replace(self, name: str, content: bytes) -> None:
        temporary = self.path / f"{name}.partial"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)
