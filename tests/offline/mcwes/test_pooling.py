import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from offline.mcwes.pooling import pool, pooled_snippets


@pytest.mark.parametrize(
    ("snippets", "h", "k"),
    # figure 4: of 56 snippets, 8 for macro, 6 for micro and 11 for background
    [(56, 7, 8), (56, 9, 6), (56, 5, 11), (8, 9, 1), (9, 9, 1), (17, 9, 1), (18, 9, 2), (1, 5, 1)],
)
def test_equation_7(snippets, h, k):
    assert pooled_snippets(snippets, h) == k


def test_equation_8_is_the_mean_of_the_highest_of_each_class():
    cam = torch.tensor([[1.0, 5.0, -1.0], [4.0, 1.0, -2.0], [2.0, 3.0, -3.0], [3.0, 2.0, -4.0]])
    # T = 4: k is 1, 2 and 4
    assert pool(cam, (4, 2, 1)).tolist() == [4.0, 4.0, -2.5]


def test_a_class_learns_from_its_highest_snippets_alone():
    cam = torch.tensor([[1.0, 0, 0], [4.0, 0, 0], [2.0, 0, 0], [3.0, 0, 0]], requires_grad=True)
    pool(cam, (2, 4, 4))[0].backward()
    assert cam.grad[:, 0].tolist() == [0.0, 0.5, 0.0, 0.5]


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=40),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_snippets_does_not_matter_and_the_pool_lies_between_mean_and_maximum(
    values, h, random
):
    cam = torch.tensor(values, dtype=torch.float64)[:, None]
    mixed = random.sample(values, len(values))
    found = pool(cam, (h,)).item()
    assert found == pytest.approx(
        pool(torch.tensor(mixed, dtype=torch.float64)[:, None], (h,)).item()
    )
    assert cam.mean().item() - 1e-9 <= found <= cam.max().item() + 1e-9
