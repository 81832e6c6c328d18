import dataclasses
import math

import numpy as np
import pytest
import torch

from offline.mcwes.losses import (
    class_losses,
    guide_loss,
    masked_cam,
    mc_wes_loss,
    mutual_loss,
    sparsity_loss,
    video_loss,
)
from offline.mcwes.pooling import pool
from offline.mcwes.settings import PARTS, McWesLossConfig
from tests.offline.mcwes.mcwes_makers import answers, outputs

CONFIG = McWesLossConfig(h_micro=3, h_macro=2, h_background=1)


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_equation_14_and_that_each_stream_learns_from_the_other():
    streams = tensor([0.2, 0.9], [0.5, 0.5]).requires_grad_()
    loss = mutual_loss(streams)
    # 1 / (2 * 2) * (0.25 + 0.25), both norms being 0.09 + 0.16
    assert loss.item() == pytest.approx(0.125)
    loss.backward()
    # of one norm alone: 2 (0.2 - 0.5) / 4
    assert streams.grad.numpy() == pytest.approx(np.array([[-0.15, 0.2], [0.15, -0.2]]))


def test_equations_15_16_and_18_are_a_cross_entropy_with_labels_that_sum_to_one():
    pooled = tensor(0.0, math.log(2), math.log(5))
    # p is 1/8, 2/8, 5/8
    assert video_loss(pooled, tensor(0, 0, 1)).item() == pytest.approx(-math.log(5 / 8))
    both = -(math.log(1 / 8) + math.log(5 / 8)) / 2
    assert video_loss(pooled, tensor(1, 0, 1)).item() == pytest.approx(both)
    three = -(math.log(1 / 8) + math.log(2 / 8) + math.log(5 / 8)) / 3
    assert video_loss(pooled, tensor(1, 1, 1)).item() == pytest.approx(three)


def test_nothing_is_asked_of_a_video_without_labels():
    assert video_loss(tensor(1.0, 2, 3), tensor(0, 0, 0)).item() == 0


def test_equation_17_is_the_mean_of_three_attentions():
    # A is 0.3 and 0.5
    assert sparsity_loss(tensor([0.2, 0.8], [0.4, 0.2])).item() == pytest.approx(2.4 / 6)


def test_equations_20_and_21():
    streams = tensor([0.2, 0.8], [0.4, 0.2])
    background = tensor(0.9, 0.4)
    # foreground 0.1 and 0.6; A is 0.3 and 0.5
    by_hand = (0.2 + 0.1 + 0.1 + 0.2 + 0.3 + 0.4) / 6
    assert guide_loss(streams, background).item() == pytest.approx(by_hand)


def softmax_loss(pooled, columns):
    p = np.exp(pooled) / np.exp(pooled).sum()
    return -sum(math.log(p[c]) for c in columns) / len(columns)


def test_each_branch_asks_for_its_own_labels():
    video = answers(
        [0.0, 0.0, 0.6, 0.6, 0.0, 0.0, 0.2, 0.0],
        [[1, 0, 3], [0, 2, 1], [4, 1, 0], [3, 3, 0], [0, 1, 2], [-1, 0, 4], [1, 1, 1], [0, 0, 5]],
        [[0.0]] * 8,
    )
    cam = video.cam.numpy()
    attention = video.attention.numpy()
    lowest = cam.min(axis=0)
    suppressed = attention[:, None] * (cam - lowest) + lowest
    # the mask of test_consistency: the first four snippets
    masked = np.where(np.arange(8)[:, None] < 4, 0.0, cam)

    def pooled(x):
        # T = 8: k is 2, 4 and 8
        return [np.sort(x[:, c])[-k:].mean() for c, k in enumerate((2, 4, 8))]

    first, second, third = class_losses(video, tensor(1, 0), CONFIG)
    assert first.item() == pytest.approx(softmax_loss(pooled(cam), [0, 2]))
    assert second.item() == pytest.approx(softmax_loss(pooled(suppressed), [0]))
    assert third.item() == pytest.approx(softmax_loss(pooled(masked), [2]))
    _, second, third = class_losses(video, tensor(0, 1), CONFIG)
    assert second.item() == pytest.approx(softmax_loss(pooled(suppressed), [1]))
    assert third.item() == pytest.approx(softmax_loss(pooled(masked), [1, 2]))
    nothing = class_losses(video, tensor(0, 0), CONFIG)[1]
    assert nothing.item() == 0


def test_masked_snippets_are_zero_as_printed_or_left_out():
    cam, mask = tensor([1.0, -2, 3], [4, 5, 6]), tensor(0, 1)
    assert masked_cam(cam, mask, CONFIG).tolist() == [[0, 0, 0], [4, 5, 6]]
    left_out = dataclasses.replace(CONFIG, masked="left-out")
    assert masked_cam(cam, mask, left_out).tolist() == [[4, 5, 6]]
    assert masked_cam(cam, tensor(0, 0), left_out).tolist() == cam.tolist()


def batch(config, pairs=((0, 1),)):
    kinds = tensor([1, 0], [1, 1], [0, 0])
    return mc_wes_loss([outputs(0, 12), outputs(1, 9), outputs(2, 4)], kinds, pairs, config)


def test_equation_22_weighs_the_terms():
    config = McWesLossConfig(
        h_macro=2, weight_duration=0.5, weight_feature=0.25, weight_sparsity=0.8, weight_guide=0.7
    )
    parts = batch(config)
    total = (
        parts.saliency + parts.video + parts.attended
        + 0.5 * parts.duration + 0.25 * parts.feature + 0.8 * parts.sparsity + 0.7 * parts.guide
    )  # fmt: skip
    assert parts.total.item() == pytest.approx(total.item())
    assert all(term.item() > 0 for term in parts)


def test_terms_are_means_over_the_videos():
    parts = batch(CONFIG)
    videos = [outputs(0, 12), outputs(1, 9), outputs(2, 4)]
    losses = [
        video_loss(pool(v.cam, CONFIG.h), tensor(*y))
        for v, y in zip(videos, [(1, 0, 1), (1, 1, 1), (0, 0, 1)], strict=True)
    ]
    assert parts.video.item() == pytest.approx(sum(x.item() for x in losses) / 3)
    guides = [guide_loss(v.streams, torch.softmax(v.cam, 1)[:, 2]).item() for v in videos]
    assert parts.guide.item() == pytest.approx(sum(guides) / 3)


@pytest.mark.parametrize("part", PARTS)
def test_a_weight_of_zero_leaves_a_term_out(part):
    whole = batch(CONFIG)
    without = batch(dataclasses.replace(CONFIG, **{f"weight_{part}": 0.0}))
    weighed = CONFIG.weight(part) * getattr(whole, part)
    assert without.total.item() == pytest.approx((whole.total - weighed).item())


def test_a_batch_without_a_pair_that_shares_a_kind_has_no_feature_loss():
    assert batch(CONFIG, ()).feature.item() == 0
    assert batch(CONFIG, ((0, 2),)).feature.item() == 0
    assert math.isfinite(batch(CONFIG, ((0, 2),)).total.item())
