"""Training curves, and which epoch of each fold was used."""

from collections.abc import Mapping, Sequence

import numpy as np

from offline.report.blocks import Block, Chart, Details, Figure, Key, Row, Section, Table
from offline.report.charts.lines import Line, lines
from offline.report.run_data import Run, Training
from offline.report.values import ABSENT, as_number, decimals, plain, section
from offline.training.curves import LOSSES

_TITLES: Mapping[str, str] = {
    "total": "loss", "boundary": "loss: boundary", "apex": "loss: apex",
    "expression": "loss: expression", "supcon": "loss: contrastive",
    "gim": "loss: intensity", "action": "loss: action", "smooth": "loss: smoothness",
    "norm": "loss: norm", "contrast": "loss: contrastive", "reward": "loss: reward",
    "saliency": "loss: saliency", "video": "loss: video labels",
    "attended": "loss: video labels, attended", "duration": "loss: duration",
    "feature": "loss: feature consistency", "sparsity": "loss: sparsity", "guide": "loss: guide",
    "snippet": "loss: snippets", "mutual": "loss: mutual",
    "apex_error": "pseudo-apex error, ticks", "apex_error_micro": "pseudo-apex error, micro",
    "apex_error_macro": "pseudo-apex error, macro",
    "pseudo_precision_micro": "pseudo-labels: precision, micro",
    "pseudo_recall_micro": "pseudo-labels: recall, micro",
    "pseudo_precision_macro": "pseudo-labels: precision, macro",
    "pseudo_recall_macro": "pseudo-labels: recall, macro",
    "val_f1": "F1 in validation", "val_f1_micro": "F1 micro in validation",
    "val_f1_macro": "F1 macro in validation", "learning_rate": "learning rate",
}  # fmt: skip
_NOT_DRAWN = frozenset(("epoch", "seconds", "steps"))


def training(runs: Sequence[Run]) -> Section:
    """Return curves of each run and a table of chosen epochs where folds have one."""
    blocks: list[Block] = []
    for run in runs:
        if any(one.epochs for one in run.trainings):
            blocks.append(_curves(run))
        if any(one.selection for one in run.trainings):
            blocks.append(Details(f"Epochs of {run.name}", (_epochs(run),)))
    return Section("training", "Training", tuple(blocks))


def _curves(run: Run) -> Figure:
    begun = [one for one in run.trainings if one.epochs]
    keys = {key for one in run.trainings for epoch in one.epochs for key in epoch} - _NOT_DRAWN
    keys -= {key for key in keys & set(LOSSES) if _never_more_than_0(key, begun)}
    ordered = [key for key in _TITLES if key in keys] + sorted(keys - _TITLES.keys())
    charts = [Chart(lines(_TITLES.get(key, key), _lines(key, begun), "epoch",
                whole=True,
                          floor=None if key in LOSSES else 0.0)) for key in ordered]  # fmt: skip
    seconds = sum(e.get("seconds", 0.0) for one in begun for e in one.epochs)
    legend = (Key("line faint", "one fold"), Key("line middle", "median of the folds"))
    what = f"{len(begun)} folds" if run.loso else "one training"
    return Figure(
        f"{run.name}: {what}{_duration(seconds)}.",
        tuple(charts), "grid", legend if len(begun) > 1 else (),
    )  # fmt: skip


def _never_more_than_0(key: str, trainings: Sequence[Training]) -> bool:
    """Whether a part of the loss was off."""
    return not any(epoch.get(key) for one in trainings for epoch in one.epochs)


def _lines(key: str, trainings: Sequence[Training]) -> list[Line]:
    drawn = []
    for one in trainings:
        points = [(e["epoch"], e[key]) for e in one.epochs if key in e]
        x, y = np.array(points, np.float64).reshape(-1, 2).T
        drawn.append(Line(one.name, x, y, "middle" if len(trainings) == 1 else "faint"))
    if len(trainings) > 1:
        drawn.append(_median(drawn))
    return [line for line in drawn if len(line.x)]


def _median(drawn: Sequence[Line]) -> Line:
    epochs = np.unique(np.concatenate([line.x for line in drawn]))
    values = [np.median(np.concatenate([line.y[line.x == e] for line in drawn])) for e in epochs]
    return Line("median", epochs, np.array(values, np.float64), "middle")


def _duration(seconds: float) -> str:
    if not seconds:
        return ""
    return (
        f", {seconds / 60:.0f} min of training in all"
        if seconds >= 90
        else (f", {seconds:.0f} s of training in all")
    )


def _epochs(run: Run) -> Table:
    rows = []
    for one in run.trainings:
        told = one.selection
        epoch = told.get("epoch")
        f1 = as_number(section(told, "f1").get(str(epoch)))
        inner = told.get("inner_subjects")
        cells = (plain(told.get("rule")), plain(epoch), decimals(f1, 3))
        people = plain(inner) if isinstance(inner, list) and inner else ABSENT
        state = "finished" if one.finished else f"{len(one.epochs)} epochs so far"
        rows.append(Row((one.name, *(cells if told else (ABSENT,) * 3), people, state)))
    return Table(
        f"Which epoch spotted each held-out subject of {run.name}",
        ("Subject", "Rule", "Epoch", "F1 that chose it", "Chosen on subjects", "State"),
        tuple(rows),
        texts=frozenset({0, 1, 4, 5}),
    )
