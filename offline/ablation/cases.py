"""Which networks are compared, and on which datasets."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.training.settings import build

PAPER: Final = "spotformer-paper"
GIM: Final = "gim-paper"
MC_WES: Final = "mc-wes-casme2"
PWES: Final = "pwes-casme2"

_ARCHITECTURES: Final = ("seq-st", "paral-st", "paral-st-shared", "simul-ts")
_MODULES: Final = ("adjacent-no-flgp", "adjacent", "no-flgp")

SETS: Final[dict[str, tuple[str, ...]]] = {
    "modules": (*(f"spotformer-{name}" for name in _MODULES), PAPER),
    "architectures": (PAPER, *(f"spotformer-{name}" for name in _ARCHITECTURES)),
    "windows": (
        *(f"spotformer-window-{ticks}" for ticks in (9, 11, 15)),
        PAPER,
        *(f"spotformer-window-{ticks}" for ticks in (19, 21, 25)),
    ),
    "lambda": (
        *(f"spotformer-lambda-{value}" for value in ("0.0", "0.001", "0.003")),
        PAPER,
        *(f"spotformer-lambda-{value}" for value in ("0.008", "0.01", "0.03", "0.05")),
    ),
    "cross-dataset": ("cross-separate1", "cross-separate2", "cross-merged"),
    "gim-losses": ("gim-hard", "gim-bce", "gim-no-iac", GIM),
    "gim-labels": ("gim-hard", "gim-cosine", "gim-class-mean", GIM),
    "gim-overlaps": ("gim-overlap-higher", "gim-overlap-lower", GIM),
    "gim-durations": ("gim-kc-24", "gim-kc-28", GIM, "gim-kc-36", "gim-kc-40"),
    "mc-wes-fusion": ("mc-wes-concatenate", "mc-wes-ccm", MC_WES),
    "mc-wes-h": (
        *(f"mc-wes-h-{h}" for h in ("5-5-5", "7-7-7", "9-9-9", "5-7-5", "7-7-5", "5-9-5")),
        MC_WES,
    ),
    "mc-wes-snippets": ("mc-wes-snippet-4", MC_WES, "mc-wes-snippet-16"),
    "mc-wes-losses": (
        *(f"mc-wes-no-{name}" for name in ("sc", "dc1", "dc2", "dc3", "fc", "sl", "gl")),
        MC_WES,
    ),
    "mc-wes-components": (
        *(f"mc-wes-{name}" for name in ("concatenate", "h-7-7-7", "no-dc3", "no-fc")),
        MC_WES,
    ),
    "pwes-components": ("pwes-baseline", "pwes-no-dfcl", PWES),
    "pwes-mining": (
        "pwes-baseline",
        *(f"pwes-mplg-{name}" for name in ("c", "ca", "caf1", "caf2")),
        "pwes-no-dfcl",
    ),
    "pwes-warmup": (
        *(f"pwes-warmup-{steps}" for steps in (30, 50)),
        PWES,
        *(f"pwes-warmup-{steps}" for steps in (100, 120)),
    ),
    "pwes-theta": (*(f"pwes-theta-{value}" for value in (0.5, 0.6, 0.7)), PWES, "pwes-theta-0.9"),
    "pwes-k": ("pwes-k-0.1", "pwes-k-0.2", PWES),
    "pwes-tau": (*(f"pwes-tau-{value}" for value in (0.07, 0.2, 0.5, 0.8)), PWES, "pwes-tau-1.5"),
    "pwes-regions": (
        *(f"pwes-background-{number}" for number in (5, 8)),
        PWES,
        *(f"pwes-background-{number}" for number in (12, 15)),
    ),
    "pwes-losses": (
        *(f"pwes-no-{name}" for name in ("video", "guide", "sparsity", "mutual", "dfcl")),
        PWES,
    ),
    "pwes-printed": (
        *(f"pwes-printed-{name}" for name in ("distance", "background", "labelled")),
        PWES,
    ),
    "pwes-fusion": ("pwes-concatenate", "pwes-ccm", PWES),
    "pwes-snippets": ("pwes-snippet-4", PWES, "pwes-snippet-16"),
}
"""Rows of SpotFormer's tables 2 to 5, of MC-WES's 1, 3, 4 and 7, of GIM's 2 to 5, PWES's 1 to 7.

GIM's durations are this project's choice around the published 32. In place of the sixteen
combinations of MC-WES's table 5, each loss is left out in turn, and so is each of its four
consistencies (components); its table 6 is its preset with decoder rules ``threshold``. Losses,
printed forms, fusion and snippets of PWES are no tables of its paper. Its table 8, points at the
apex or anywhere, is its preset with other points.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table.

    Attributes
    ----------
    name
        Of the row and of its folder.
    preset
        Training preset, or a TOML file of one.
    train_on, test_on
        Names of datasets; all that are there where empty.
    """

    name: str
    preset: str
    train_on: tuple[str, ...] = ()
    test_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a file of ``offline/presets/cases`` holds: a preset and its datasets."""

    preset: str
    train_on: tuple[str, ...]
    test_on: tuple[str, ...]


def find_cases(
    names: Sequence[str], train_on: Sequence[str] = (), test_on: Sequence[str] = ()
) -> list[Case]:
    """Return the cases of some names, each once, in order.

    Parameters
    ----------
    names
        Of ``SETS``, of cases of this package, of training presets, or TOML files of such.
    train_on, test_on
        Datasets of the presets, which name none; a case keeps its own.

    Raises
    ------
    UsageError
        If none is named, or two files have one name.
    """
    cases: dict[str, Case] = {}
    for name in chain.from_iterable(SETS.get(one, (one,)) for one in names):
        case = _find(name, tuple(train_on), tuple(test_on))
        if (other := cases.setdefault(case.name, case)) != case:
            raise UsageError(
                f"--presets: {other.preset} and {case.preset} have one name; rename one"
            )
    if not cases:
        raise UsageError(f"--presets: name presets, or sets of them: {', '.join(SETS)}")
    return list(cases.values())


def _find(name: str, train_on: tuple[str, ...], test_on: tuple[str, ...]) -> Case:
    entry = resources.files("offline") / "presets" / "cases" / f"{name}.toml"
    if "/" in name or not entry.is_file():
        return Case(Path(name).stem if name.endswith(".toml") else name, name, train_on, test_on)
    found = build(CaseFile, tomllib.loads(entry.read_text(encoding="utf-8")), f"case {name}")
    return Case(name, found.preset, found.train_on, found.test_on)
