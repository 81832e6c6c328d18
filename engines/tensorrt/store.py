"""Where plans are kept, and which one fits a model on a GPU."""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from engines.errors import ModelError
from engines.model_file import ModelFile
from engines.precision import Precision
from engines.tensorrt.distribution import Distribution
from engines.tensorrt.key import DEFAULT_BATCH, BatchRange, PlanKey
from engines.tensorrt.plan import SUFFIX, Plan, read_plan
from engines.tensorrt.side import Side, read_side

VARIABLE: Final = "FES_PLANS"
"""Environment variable that names the folder of plans."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan file on disk, usable or not.

    Attributes
    ----------
    path
        The plan.
    side
        What its side file says; None where that cannot be read.
    refusal
        Why the plan cannot be used anywhere; None where it passed every check.
    """

    path: Path
    side: Side | None
    refusal: str | None


def plans_folder() -> Path:
    """Return where plans are kept: ``$FES_PLANS``, else a folder in the user's cache."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return Path(platformdirs.user_cache_dir("fes", appauthor=False)) / "plans"


def list_plans(*folders: Path) -> tuple[StoredPlan, ...]:
    """Return all plans, by path, also those that are refused, with the reason.

    Parameters
    ----------
    folders
        Where to look; :func:`plans_folder` where none is named.
    """
    return tuple(_check(path) for path in _paths(folders or (plans_folder(),)))


def find_plan(
    model: ModelFile,
    distribution: Distribution,
    version: str,
    target: str,
    precision: Precision,
    batch: BatchRange = DEFAULT_BATCH,
) -> Plan | None:
    """Return a plan that fits, or None; the log says why plans of this model are passed over.

    It is looked for in :func:`plans_folder` alone, and of several the newest is taken. Not beside
    the model file: a plan is a program, and a folder that came from elsewhere must not run one.

    Parameters
    ----------
    model
        What to run; a plan belongs to the hash of its whole file.
    distribution, version
        What will run it.
    target
        The GPU, as :func:`engines.tensorrt.target.gpu_target` writes it.
    precision, batch
        How it will be run.
    """
    wanted = PlanKey(model.sha256, distribution.name, version, (target,), precision, batch)
    return find_key(wanted, plans_folder())


def find_key(wanted: PlanKey, *folders: Path, exact: bool = False) -> Plan | None:
    """Return the newest plan of a key from the first folder that has one.

    Parameters
    ----------
    wanted
        What is needed; a plan for more targets fits too.
    folders
        Where to look.
    exact
        Refuse a plan for more targets.
    """
    for folder in folders:
        for path in sorted(_paths((folder,)), key=_age):
            plan = _read_fitting(path, wanted, exact)
            if plan is not None:
                return plan
    return None


def _read_fitting(path: Path, wanted: PlanKey, exact: bool) -> Plan | None:
    try:
        key = read_side(path).key
        if key.model_sha256 != wanted.model_sha256:
            return None
        if exact and key != wanted:
            return None
        differences = key.differences(wanted)
        if differences:
            log.info("plan %s is not used: %s", path, "; ".join(differences))
            return None
        plan = read_plan(path)
    except ModelError as error:
        log.warning("not used: %s", error)
        return None
    # another process may have put another side file in place in between
    return plan if plan.key == key else None


def _check(path: Path) -> StoredPlan:
    side = None
    try:
        side = read_side(path)
        read_plan(path)
    except ModelError as error:
        return StoredPlan(path, side, str(error))
    return StoredPlan(path, side, None)


def _paths(folders: Iterable[Path]) -> list[Path]:
    """Return the plans of folders, each once; a folder that is absent or closed has none."""
    found: dict[Path, None] = {}
    for folder in folders:
        try:
            found |= dict.fromkeys(sorted(folder.glob(f"*{SUFFIX}")))
        except OSError as error:
            log.warning("folder of plans %s cannot be read: %s", folder, error.strerror)
    return [path for path in found if not path.name.startswith(".")]


def _age(path: Path) -> float:
    """Return a sort key: newest first, and what is gone last."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
