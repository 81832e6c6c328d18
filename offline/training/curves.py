"""Loss, learning rate and validation scores over epochs, as a PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LOSSES: Final = ("total", "boundary", "apex", "expression", "supcon")
_NOT_VALIDATION: Final = frozenset((*LOSSES, "epoch", "learning_rate", "seconds", "steps"))


def plot_curves(epochs: Sequence[dict[str, float]], path: Path) -> None:
    """Write the curves of a run.

    Parameters
    ----------
    epochs
        Metrics per epoch; keys that are no loss, rate or time count as validation.
    path
        PNG file, replaced atomically.
    """
    validated = sorted({key for epoch in epochs for key in epoch} - _NOT_VALIDATION)
    figure = Figure(figsize=(5 * (3 if validated else 2), 4), layout="constrained")
    FigureCanvasAgg(figure)
    groups = [("loss", list(LOSSES)), ("learning rate", ["learning_rate"])]
    groups += [("validation", validated)] if validated else []
    for column, (title, keys) in enumerate(groups, start=1):
        axes = figure.add_subplot(1, len(groups), column)
        for key in keys:
            points = [(epoch["epoch"], epoch[key]) for epoch in epochs if key in epoch]
            axes.plot(*zip(*points, strict=True), label=key) if points else None
        axes.set(title=title, xlabel="epoch")
        axes.set_yscale("log" if title == "loss" else "linear")
        if axes.lines:
            axes.legend(fontsize="small")
    temporary = path.with_name(f"{path.name}.partial")
    figure.savefig(temporary, format="png", dpi=100)
    temporary.replace(path)
