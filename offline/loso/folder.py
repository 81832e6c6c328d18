"""The files of a LOSO run (see the package's docstring)."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from engines.errors import UsageError
from offline.atomic import replace_file
from offline.loso.plan import LosoPlan
from offline.training.changes import changed_settings, with_command
from offline.training.environment import describe_environment

CONFIG: Final = "config.json"
ENVIRONMENT: Final = "environment.json"
FOLDS: Final = "folds"
PREDICTIONS: Final = "predictions.csv"
TRUTH: Final = "truth.csv"
SUBJECTS: Final = "subjects.csv"
RESULT: Final = "result.json"
SELECTION: Final = "selection.json"
SCORES: Final = "scores"
INNER: Final = "inner"
FEATURES: Final = "features"
"""Where a dataset's features may go, by the run's choice."""

WORKPLACE: Final = ("packages", "processor", "gpu")
"""What of an environment may change the last digits."""

JsonObject = Mapping[str, object]
log = logging.getLogger(__name__)


def file_name(name: str) -> str:
    """Return the file name of a subject or a video: quoted as in URLs, never ``.`` or ``..``.

    ``urllib.parse.unquote`` is the way back.
    """
    quoted = quote(name, safe="")
    return quoted.replace(".", "%2E") if quoted.startswith(".") else quoted


def write_json(path: Path, value: JsonObject) -> None:
    """Write a JSON object, replacing the file as a whole."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    replace_file(path, lambda file: file.write(text.encode()))


def read_json(path: Path) -> dict[str, object]:
    """Return a JSON object.

    Raises
    ------
    UsageError
        If the file is none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"{path}: is not a JSON object")
    return value


def workplace() -> dict[str, object]:
    """Return versions and hardware; not the threads of this process, which are the plan's."""
    return {key: value for key, value in describe_environment().items() if key != "threads"}


@dataclass(frozen=True, slots=True)
class FoldFolder:
    """The files of one fold.

    Attributes
    ----------
    path
        The folder; it may not exist yet.
    """

    path: Path

    @property
    def finished(self) -> bool:
        """Whether everything in it is done."""
        return (self.path / PREDICTIONS).is_file()

    @property
    def lock(self) -> Path:
        """File that whoever works on the fold holds; beside it, for a run folder begins empty."""
        return self.path.with_name(f".{self.path.name}.lock")

    @property
    def predictions(self) -> Path:
        """Expressions found."""
        return self.path / PREDICTIONS

    @property
    def selection(self) -> Path:
        """Which epoch was used, and why."""
        return self.path / SELECTION

    @property
    def inner(self) -> Path:
        """Run folder of the training that chose the epoch."""
        return self.path / INNER

    def scores(self, video: str) -> Path:
        """Return the file of one video's scores."""
        return self.path / SCORES / f"{file_name(video)}.npz"


@dataclass(frozen=True, slots=True)
class LosoFolder:
    """The folder of a LOSO run.

    Attributes
    ----------
    path
        The folder.
    """

    path: Path

    @classmethod
    def start(cls, path: Path, config: JsonObject, command: str = "") -> "LosoFolder":
        """Open a folder for a run with this configuration, or go on with it.

        Parameters
        ----------
        path
            The folder.
        config
            What decides the figures.
        command
            What was typed; empty where nothing was.

        Raises
        ------
        UsageError
            If the folder holds something else, a run with another configuration, or cannot be
            written.
        """
        require_usable(path, config)
        now = workplace()
        _warn_of_another_place(path / ENVIRONMENT, now)
        try:
            path.mkdir(parents=True, exist_ok=True)
            before = read_json(path / CONFIG) if (path / CONFIG).exists() else {}
            write_json(path / CONFIG, with_command(config, before, command))
            write_json(path / ENVIRONMENT, now)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        return cls(path)

    def fold(self, subject: str) -> FoldFolder:
        """Return the folder of one held-out subject."""
        return FoldFolder(self.path / FOLDS / file_name(subject))


def require_usable(path: Path, config: JsonObject) -> None:
    """Check that a folder is new, or holds a run whose configuration is alike where it is given.

    Raises
    ------
    UsageError
        If it is otherwise.
    """
    if not (path / CONFIG).exists():
        if path.exists() and (not path.is_dir() or any(p.name != FEATURES for p in path.iterdir())):
            raise UsageError(f"{path}: holds something other than a LOSO run; choose a new folder")
        return
    changed = changed_settings(read_json(path / CONFIG), config, LosoPlan().describe())
    if changed := [key for key in changed if key in config]:
        raise UsageError(
            f"{path}: holds a LOSO run with another {', '.join(changed)}; choose a new folder"
        )


def _warn_of_another_place(path: Path, now: JsonObject) -> None:
    if not path.is_file():
        return
    before = read_json(path)
    changed = [key for key in WORKPLACE if before.get(key) != now.get(key)]
    if changed:
        log.warning("earlier folds ran with another %s: last digits may differ", ", ".join(changed))
