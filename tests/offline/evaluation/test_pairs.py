import numpy as np
import pytest

from offline.evaluation import pairs
from offline.evaluation.columns import Columns, video_positions
from offline.evaluation.instances import Instance
from offline.evaluation.pairs import find_pairs
from tests.offline.evaluation.evaluation_makers import macro


def many(rng: np.random.Generator, count: int) -> list[Instance]:
    return [
        macro(int(onset), int(onset + length), video=f"{video}")
        for onset, length, video in zip(
            rng.integers(0, 2000, count),
            rng.integers(0, 200, count),
            rng.integers(0, 3, count),
            strict=True,
        )
    ]


@pytest.mark.parametrize("chunk", [1, 7, 2_000_000])
def test_no_hit_is_lost_between_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "CHUNK", chunk)
    rng = np.random.default_rng(4)
    truth, guesses = many(rng, 60), many(rng, 90)
    videos = video_positions(truth, guesses)
    found = find_pairs(Columns.of(truth, videos), Columns.of(guesses, videos), iou=0.1)
    expected = {
        (p, t)
        for p, guess in enumerate(guesses)
        for t, label in enumerate(truth)
        if guess.iou(label) >= 0.1
    }
    assert len(found) == len(expected) > 50
    assert set(zip(found.prediction.tolist(), found.truth.tolist(), strict=True)) == expected


def test_hits_at_a_higher_threshold_are_some_of_those_at_a_lower_one_in_the_same_order() -> None:
    rng = np.random.default_rng(5)
    truth, guesses = many(rng, 60), many(rng, 90)
    videos = video_positions(truth, guesses)
    labels, predictions = Columns.of(truth, videos), Columns.of(guesses, videos)
    low, high = (find_pairs(labels, predictions, iou=iou) for iou in (0.1, 0.4))
    assert 0 < len(high) < len(low)
    assert low.at(0.4).prediction.tolist() == high.prediction.tolist()
    assert low.at(0.4).truth.tolist() == high.truth.tolist()
