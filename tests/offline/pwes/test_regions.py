"""DFS, equations 10 and 11, by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from offline.pwes.regions import classes_of, sample_regions


def bools(*rows: list[int]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)


# Features are distinct directions, so that a mean tells its members.
FEATURES = torch.eye(6, dtype=torch.float64)


def members(vector: torch.Tensor) -> list[int]:
    return vector.nonzero().flatten().tolist()


def test_each_class_has_region_0_and_its_own_number_of_others():
    assert classes_of((2, 3, 1)) == (0, 0, 0, 1, 1, 1, 1, 2, 2)


def test_labelled_snippets_of_a_class_are_divided_evenly_in_order():
    labels = bools([1, 0], [0, 0], [1, 0], [1, 0], [0, 1], [1, 0])
    regions = sample_regions(FEATURES, labels, (2, 1))
    assert [members(v) for v in regions.vectors] == [[0, 2, 3, 5], [0, 2], [3, 5], [4], [4]]
    assert regions.present.all()


def test_a_region_is_the_mean_of_its_snippets_scaled_to_unit_length():
    features = torch.tensor([[3.0, 0.0], [0.0, 4.0], [7.0, 7.0]])
    regions = sample_regions(features, bools([1], [1], [0]), (0,))
    # The mean is (1.5, 2), of length 2.5.
    assert regions.vectors.tolist() == [pytest.approx([0.6, 0.8])]


def test_fewer_snippets_than_regions_are_in_several_of_them():
    regions = sample_regions(FEATURES, bools([0], [1], [0], [0], [1], [0]), (3,))
    assert [members(v) for v in regions.vectors] == [[1, 4], [1], [1, 4], [4]]


def test_regions_of_time_divide_the_video_and_leave_out_what_holds_no_label():
    labels = bools([1], [0], [0], [0], [1], [1])
    regions = sample_regions(FEATURES, labels, (3,), "time")
    assert [members(v) for v in regions.vectors] == [[0, 4, 5], [0], [], [4, 5]]
    assert regions.present.tolist() == [True, True, False, True]


def test_a_class_without_a_label_has_no_region():
    regions = sample_regions(FEATURES, bools(*[[0, 1]] * 6), (2, 0))
    assert regions.present.tolist() == [False, False, False, True]
    assert not regions.vectors[:3].any()


def test_regions_pass_gradient_to_the_snippets_that_they_hold_and_no_others():
    features = FEATURES.clone().requires_grad_()
    regions = sample_regions(features, bools([1], [1], [0], [0], [0], [0]), (0,))
    regions.vectors[0, 0].backward()
    assert features.grad is not None
    assert features.grad.any(dim=1).tolist() == [True, True, False, False, False, False]


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 8))
def test_every_labelled_snippet_is_in_a_region_and_parts_are_of_nearly_equal_size(
    labelled: list[bool], count: int
):
    features = torch.eye(len(labelled), dtype=torch.float64)
    regions = sample_regions(features, torch.tensor(labelled)[:, None], (count,))
    sizes = [len(members(v)) for v in regions.vectors[1:]]
    held = {snippet for v in regions.vectors[1:] for snippet in members(v)}
    assert held == {n for n, yes in enumerate(labelled) if yes}
    if any(labelled):
        assert min(sizes) >= 1
        assert max(sizes) - min(sizes) <= 1
        assert max(sizes) <= math.ceil(sum(labelled) / count) + 1
