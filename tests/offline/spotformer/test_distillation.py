import math

import pytest
import torch
from torch.nn import functional

from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.distillation import narrow_weights, teacher_loss
from offline.spotformer.model import Logits, SpotFormer
from realtime.types import NODES


def logits(seed: int, count: int = 5) -> Logits:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return 3 * torch.randn(count, *shape, generator=generator)

    return Logits(draw(2, 3), draw(2), draw(2), draw(4))


def test_agreement_with_the_teacher_costs_nothing():
    assert teacher_loss(logits(0), logits(0)).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_disagreement_costs(seed: int):
    assert teacher_loss(logits(seed), logits(seed + 100)).item() > 0.1


def test_one_certain_against_one_undecided_decision_costs_the_textbook_value():
    teacher = Logits(torch.zeros(1, 2, 3), torch.tensor([[0.0, 0.0]]), torch.zeros(1, 2), None)
    student = teacher._replace(apex=torch.tensor([[math.log(3.0), 0.0]]))
    # KL of a fair coin from one of 3/4: ln(0.5/0.75)/2 + ln(0.5/0.25)/2
    expected = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    assert teacher_loss(student, teacher).item() == pytest.approx(expected, rel=1e-5)


def test_the_divergence_is_torchs_over_all_six_decisions():
    student, teacher = logits(1), logits(2)
    total = functional.kl_div(
        student.boundary.log_softmax(-1), teacher.boundary.softmax(-1), reduction="sum"
    )
    for mine, its in ((student.apex, teacher.apex), (student.expression, teacher.expression)):
        two = torch.stack([mine.sigmoid(), 1 - mine.sigmoid()], -1).log()
        total += functional.kl_div(
            two, torch.stack([its.sigmoid(), 1 - its.sigmoid()], -1), reduction="sum"
        )
    assert teacher_loss(student, teacher).item() == pytest.approx(total.item() / 5, rel=1e-4)


def test_no_gradient_reaches_what_the_teacher_said_through_a_plain_forward():
    student = logits(1)
    student.apex.requires_grad_()
    teacher_loss(student, logits(2)).backward()
    assert student.apex.grad is not None
    assert student.apex.grad.abs().sum() > 0


def network(mlp_width: int) -> SpotFormer:
    torch.manual_seed(mlp_width)
    return SpotFormer(SpotFormerConfig(width=8, heads=2, mlp_width=mlp_width, nodes=NODES))


def test_the_strongest_hidden_units_are_kept():
    wide, narrow = network(6), network(2)
    state = wide.state_dict()
    block = "encoder.0.mlp."
    with torch.no_grad():
        for unit, gain in enumerate((1.0, 9.0, 2.0, 3.0, 8.0, 1.0)):
            state[f"{block}first.weight"][unit] = gain
    kept = narrow_weights(state, narrow)
    assert kept[f"{block}first.weight"].shape == (2, 8)
    torch.testing.assert_close(kept[f"{block}first.weight"], state[f"{block}first.weight"][[1, 4]])
    second = state[f"{block}second.weight"]
    torch.testing.assert_close(kept[f"{block}second.weight"], second[:, [1, 4]])
    narrow.load_state_dict(kept)


def test_weights_that_fit_are_left_as_they_are():
    model = network(4)
    for name, tensor in narrow_weights(model.state_dict(), network(4)).items():
        assert tensor is model.state_dict()[name] or torch.equal(tensor, model.state_dict()[name])


def test_a_wider_mlp_cannot_be_made_of_a_narrower_one():
    with pytest.raises(ValueError, match="cannot be cut out"):
        narrow_weights(network(2).state_dict(), network(6))
