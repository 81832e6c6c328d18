import pytest
import torch

from offline.pwes.figures import COUNTS, counts_of, figures


def bools(*rows: list[int]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)


def test_precision_and_recall_are_counted_snippet_by_snippet_over_all_videos():
    # Micro: 3 said, 2 of them right, 4 true; macro: 1 said, none right, 1 true.
    pseudo = [bools([1, 0, 0], [1, 0, 0], [0, 1, 0]), bools([1, 0, 0], [0, 0, 1])]
    truth = [bools([1, 0], [0, 1], [1, 0]), bools([1, 0], [1, 0])]
    means = dict(zip(COUNTS, (float(n) for n in counts_of(pseudo, truth)), strict=True))
    assert figures(means) == {
        "pseudo_precision_micro": pytest.approx(2 / 3),
        "pseudo_recall_micro": pytest.approx(2 / 4),
        "pseudo_precision_macro": 0.0,
        "pseudo_recall_macro": 0.0,
    }


def test_without_labels_or_truth_nothing_is_divided():
    means = dict(zip(COUNTS, (float(n) for n in counts_of([], [])), strict=True))
    assert figures(means) == {}
