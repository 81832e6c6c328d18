"""The memory bank and equation 17, by hand."""

import math

import pytest
import torch

from offline.pwes.bank import MemoryBank
from offline.pwes.contrast import contrast_loss
from offline.pwes.regions import Regions

MICRO, MACRO, BACKGROUND = 0, 1, 2
CLASSES = (MICRO, MACRO, BACKGROUND)


def floats(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def regions(*rows: list[float], present: tuple[int, ...] = (1, 1, 1)) -> Regions:
    return Regions(floats(*rows), torch.tensor(present, dtype=torch.bool))


def test_loss_is_the_share_of_the_positives_in_all_likenesses():
    # One micro u = (1, 0). Bank: micro (1, 0) and (0, 1), macro (-1, 0), background (0, 1).
    vectors = floats([1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, 1.0])
    bank = (vectors, torch.tensor([MICRO, MICRO, MACRO, BACKGROUND]))
    own = regions([1.0, 0.0], [0.0, 0.0], [0.0, 0.0], present=(1, 0, 0))
    loss = contrast_loss(own, torch.tensor(CLASSES), bank, 0.5, BACKGROUND)
    likeness = [math.exp(cosine / 0.5) for cosine in (1.0, 0.0, -1.0, 0.0)]
    assert loss.item() == pytest.approx(-math.log(sum(likeness[:2]) / sum(likeness)))


def test_loss_is_the_mean_over_foreground_vectors_and_background_is_none_of_them():
    # Micro and macro vectors, and a background one that would change the mean.
    vectors = floats([1.0, 0.0], [0.0, 1.0], [-1.0, 0.0])
    bank = (vectors, torch.tensor(CLASSES))
    own = regions([1.0, 0.0], [1.0, 0.0], [1.0, 0.0])
    loss = contrast_loss(own, torch.tensor(CLASSES), bank, 1.0, BACKGROUND)
    total = math.exp(1) + 1 + math.exp(-1)
    expected = (-math.log(math.exp(1) / total) - math.log(1 / total)) / 2
    assert loss.item() == pytest.approx(expected)


def test_a_vector_without_a_positive_has_no_part():
    bank = (floats([1.0, 0.0], [0.0, 1.0]), torch.tensor([MICRO, BACKGROUND]))
    own = regions([1.0, 0.0], [1.0, 0.0], [0.0, 0.0])
    loss = contrast_loss(own, torch.tensor(CLASSES), bank, 1.0, BACKGROUND)
    assert loss.item() == pytest.approx(-math.log(math.e / (math.e + 1)))


@pytest.mark.parametrize("kinds", [[], [BACKGROUND], [MACRO, BACKGROUND]])
def test_a_bank_without_the_class_costs_nothing(kinds: list[int]):
    vectors = torch.ones((len(kinds), 2))
    own = regions([1.0, 0.0], [0.0, 0.0], [0.0, 0.0], present=(1, 0, 1))
    bank = (vectors, torch.tensor(kinds, dtype=torch.int64))
    loss = contrast_loss(own, torch.tensor(CLASSES), bank, 1.0, BACKGROUND)
    assert loss.item() == 0


def test_gradient_reaches_the_video_but_never_the_bank():
    bank = MemoryBank(2, CLASSES, 2, torch.device("cpu"))
    stored = torch.eye(2).repeat(2, 1)[:3].requires_grad_()
    bank.update(0, Regions(stored, torch.tensor([True] * 3)))
    own = torch.tensor([[0.6, 0.8], [0.8, 0.6], [1.0, 0.0]], requires_grad=True)
    loss = contrast_loss(
        Regions(own, torch.tensor([True] * 3)), bank.classes, bank.others(1), 1.0, BACKGROUND
    )
    loss.backward()
    assert own.grad is not None
    assert own.grad[:2].abs().sum() > 0
    assert stored.grad is None


def filled() -> MemoryBank:
    bank = MemoryBank(3, CLASSES, 2, torch.device("cpu"))
    bank.update(0, regions([1.0, 0.0], [0.0, 1.0], [0.0, -1.0], present=(1, 0, 1)))
    bank.update(2, regions([0.6, 0.8], [0.8, 0.6], [-1.0, 0.0]))
    return bank


def test_bank_holds_what_is_present_and_gives_it_with_its_class():
    bank = filled()
    vectors, kinds = bank.others(1)
    assert len(bank) == 5
    assert vectors.tolist() == [
        pytest.approx(row) for row in ([1.0, 0.0], [0.0, -1.0], [0.6, 0.8], [0.8, 0.6], [-1.0, 0.0])
    ]
    assert kinds.tolist() == [MICRO, BACKGROUND, MICRO, MACRO, BACKGROUND]


def test_bank_leaves_out_the_video_that_asks():
    assert filled().others(2)[1].tolist() == [MICRO, BACKGROUND]


def test_bank_replaces_the_earlier_vectors_of_a_video():
    bank = filled()
    bank.update(2, regions([0.0, 1.0], [0.0, 0.0], [0.0, 0.0], present=(1, 0, 0)))
    vectors, kinds = bank.others(0)
    assert vectors.tolist() == [[0.0, 1.0]]
    assert kinds.tolist() == [MICRO]


def test_bank_goes_on_from_its_state():
    bank = MemoryBank(3, CLASSES, 2, torch.device("cpu"))
    bank.restore(filled().state())
    assert bank.others(1)[0].equal(filled().others(1)[0])


def test_bank_refuses_the_state_of_other_data():
    with pytest.raises(ValueError, match=r"shape \(3, 3, 2\), not \(4, 3, 2\)"):
        MemoryBank(4, CLASSES, 2, torch.device("cpu")).restore(filled().state())
