"""Loss, learning rate and validation scores over epochs, as a PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LOSSES: Final = (
    "total", "boundary", "apex", "expression", "supcon",
    "gim", "norm", "smooth", "action", "contrast", "reward",
    "saliency", "video", "attended", "duration", "feature", "sparsity", "guide",
    "snippet", "mutual",
)  # fmt: skip
APEX_ERROR: Final = "apex_error"
"""How metrics of pseudo-apexes begin (GIM, figure 7)."""

_NOT_VALIDATION: Final = frozenset((*LOSSES, "epoch", "learning_rate", "seconds", "steps"))


def plot_curves(epochs: Sequence[dict[str, float]], path: Path) -> None:
    """Write the curves of a run.

    Parameters
    ----------
    epochs
        Metrics per epoch; keys that are no loss, rate, time or error of pseudo-apexes count as
        validation.
    path
        PNG file, replaced atomically.
    """
    others = sorted({key for epoch in epochs for key in epoch} - _NOT_VALIDATION)
    apexes = [key for key in others if key.startswith(APEX_ERROR)]
    validated = [key for key in others if key not in apexes]
    groups = [("loss", list(LOSSES)), ("learning rate", ["learning_rate"])]
    groups += [("pseudo-apex error, ticks", apexes)] if apexes else []
    groups += [("validation", validated)] if validated else []
    figure = Figure(figsize=(5 * len(groups), 4), layout="constrained")
    FigureCanvasAgg(figure)
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
