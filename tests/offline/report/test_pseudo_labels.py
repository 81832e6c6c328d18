import re
from pathlib import Path

import numpy as np
import pytest

from engines.intervals import Kind
from offline.report.axes import Axis
from offline.report.charts.soft_label import soft_label
from offline.report.charts.timeline import draw_scores
from offline.report.page import PageOptions, render
from offline.report.reading import open_runs
from offline.report.soft_labels import SOFT_LABELS, SoftLabels, save_soft_labels
from offline.report.svg import Drawing
from offline.training.curves import plot_curves
from tests.offline.report.report_makers import CONFIG, write_loso, write_training

LENGTH = 97


def some_labels(count: int = 2) -> SoftLabels:
    """Expressions at tick 60, of 5 labels each around a pseudo-apex at 62."""
    ticks = np.arange(12, 12 + LENGTH)
    intensity = np.exp(-((ticks - 62) ** 2) / 50).astype(np.float32)
    intensity[:3] = np.nan
    soft = np.where(np.abs(ticks - 62) <= 2, intensity, np.nan).astype(np.float32)
    kinds = ["micro", "macro"] * count
    return SoftLabels(
        np.array([f"v<{n}>" for n in range(count)]),
        np.array(kinds[:count]),
        np.full(count, 12),
        np.full(count, 60),
        np.full(count, 62),
        np.array([[55, 61, 70], [-1, -1, -1]] * count, np.int64)[:count],
        np.tile(intensity, (count, 1)),
        np.tile(soft, (count, 1)),
    )


def test_every_label_is_a_dot_and_the_pseudo_apex_a_large_one():
    svg = str(soft_label(some_labels(), 0))
    assert svg.count("<circle") == 5
    assert svg.count('r="3.4"') == 1
    assert "pseudo-apex, label 1.00 at 2.07 s" in svg
    assert "labelled: 1.83, 2.03 and 2.33 s" in svg
    assert "v&lt;0&gt;, micro at 2.0 s" in svg


def test_an_expression_without_a_label_has_no_band():
    assert "<rect" in soft_label(some_labels(), 0)
    assert "<rect" not in soft_label(some_labels(), 1)


def test_the_page_shows_pseudo_labels_and_the_error_of_apexes(tmp_path: Path):
    config = {**CONFIG, "method": "gim", "points": {"from_truth": "apex", "seed": 1}}
    run = write_loso(tmp_path / "run", config=config)
    for fold in ("s1", "s2"):
        save_soft_labels(run / "folds" / fold / SOFT_LABELS, some_labels())
        lines = [f'{{"epoch": {n}, "total": 1.0, "reward": 0.0, "apex_error": {9 - n}}}\n'
                 for n in (1, 2)]  # fmt: skip
        (run / "folds" / fold / "metrics.jsonl").write_text("".join(lines), encoding="utf-8")
    page = render(open_runs([run]), PageOptions())
    assert page.count("Pseudo-labels of v&lt;") == 4
    assert "fold s1" in page
    assert "pseudo-apex error, ticks over epoch" in page
    assert "loss: reward" not in page
    assert "from_truth apex, seed 1" in page
    assert "v<0>" not in page


def test_of_many_pseudo_labels_an_even_selection_is_shown(tmp_path: Path):
    run = write_training(tmp_path / "run")
    save_soft_labels(run / SOFT_LABELS, some_labels(40))
    page = render(open_runs([run]), PageOptions())
    shown = [int(n) for n in re.findall(r"Pseudo-labels of v&lt;(\d+)&gt;", page)]
    assert (shown[0], shown[-1], len(shown)) == (0, 39, 12)


def test_a_run_without_pseudo_labels_has_no_section_of_them(tmp_path: Path):
    assert "Pseudo-labels" not in render(
        open_runs([write_training(tmp_path / "run")]), PageOptions()
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_intensity_is_drawn_for_both_kinds_and_each_action_for_its_own(kind: Kind):
    ramp = np.linspace(0, 1, 30, dtype=np.float32)
    curves = {"intensity": ramp, "micro_action": ramp, "macro_action": 1 - ramp}
    drawing = Drawing(100, 100, "x")
    draw_scores(drawing, Axis(0, 1, 0, 100), Axis(0, 1, 100, 0), kind, curves)
    svg = str(drawing.render())
    assert svg.count("<path") == 2
    assert f'class="area {kind}"' in svg
    assert f'class="curve {kind} apex"' in svg


def test_the_picture_of_a_run_has_a_panel_for_the_error_of_apexes(tmp_path: Path):
    epochs = [{"epoch": 1.0, "total": 2.0, "gim": 1.0, "learning_rate": 1e-3, "val_f1": 0.5}]
    widths = []
    for more in ({}, {"apex_error": 3.0, "apex_error_micro": 2.0}):
        plot_curves([epochs[0] | more], tmp_path / "curves.png")
        widths.append(int.from_bytes((tmp_path / "curves.png").read_bytes()[16:20], "big"))
    assert widths == [1500, 2000]


def test_shapes_that_do_not_fit_are_refused():
    labels = some_labels()
    with pytest.raises(ValueError, match="intensity and soft"):
        SoftLabels(labels.video, labels.kind, labels.first, labels.point, labels.apex, labels.truth,
                   labels.intensity, labels.soft[:, 1:])  # fmt: skip
    with pytest.raises(ValueError, match=r"truth is \(N, 3\)"):
        SoftLabels(labels.video, labels.kind, labels.first, labels.point, labels.apex,
                   labels.truth[:1], labels.intensity, labels.soft)  # fmt: skip
