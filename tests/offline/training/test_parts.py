"""Prefetching, averaging, interrupts and curves."""

import signal
import threading
from pathlib import Path

import pytest
import torch

from offline.training.curves import plot_curves
from offline.training.ema import WeightAverage
from offline.training.interrupts import deferred_interrupt
from offline.training.prefetch import Prefetcher


def test_items_come_in_order():
    with Prefetcher(lambda n: n * n, 2, 7) as items:
        assert list(items) == [4, 9, 16, 25, 36]


def test_an_empty_range_has_no_items():
    with Prefetcher(lambda n: n, 3, 3) as items:
        assert list(items) == []


def test_an_error_comes_where_its_item_would_have_been():
    def make(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    got = []
    with Prefetcher(make, 0, 5) as items, pytest.raises(ValueError, match="two"):
        got.extend(iter(items))
    assert not [t for t in threading.enumerate() if t.name == "prefetch"]
    with Prefetcher(make, 0, 2) as items:
        assert list(items) == [0, 1]


def test_leaving_early_stops_the_thread():
    with Prefetcher(lambda n: n, 0, 10**9) as items:
        assert next(iter(items)) == 0
    assert not [t for t in threading.enumerate() if t.name == "prefetch"]


def test_an_average_follows_weights_and_copies_counters():
    model = torch.nn.BatchNorm1d(1)
    average = WeightAverage(model, decay=0.5)
    with torch.no_grad():
        model.weight.fill_(3.0)
    model.num_batches_tracked.fill_(9)
    average.update(model)
    # the first decay is 1 / 11: 1 * 1/11 + 3 * 10/11
    assert average.weights["weight"].item() == pytest.approx(31 / 11)
    assert average.weights["num_batches_tracked"].item() == 9


def test_a_restored_average_goes_on_alike():
    model = torch.nn.Linear(2, 2)
    first = WeightAverage(model, 0.9)
    first.update(model)
    state = first.state()
    second = WeightAverage(torch.nn.Linear(2, 2), 0.9)
    second.restore(1, {k: v.clone() for k, v in first.weights.items()})
    assert state["updates"] == 1
    with torch.no_grad():
        model.weight.add_(1)
    first.update(model)
    second.update(model)
    assert torch.equal(first.weights["weight"], second.weights["weight"])


def test_the_first_interrupt_is_kept_and_the_second_acts():
    def interrupt_twice() -> None:
        with deferred_interrupt() as asked:
            signal.raise_signal(signal.SIGINT)
            assert asked.is_set()
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_curves_are_a_png_however_few_epochs(tmp_path: Path, epochs: int):
    losses = dict.fromkeys(("total", "boundary", "apex", "expression", "supcon"), 0.5)
    rows = [
        {"epoch": e + 1.0, "learning_rate": 0.1, "val_f1": 0.3, **losses} for e in range(epochs)
    ]
    plot_curves(rows, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert [p.name for p in tmp_path.iterdir()] == ["curves.png"]
