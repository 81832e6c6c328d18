"""What the streaming flow promises beyond its interface: memory, threads, and first frames."""

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.flow.bank import Steps
from realtime.flow.parameters import FlowParameters
from realtime.flow.step import Alignment
from realtime.flow.streaming import StreamingBank
from realtime.flow.workers import Workers
from realtime.types import WINDOW
from tests.realtime.flow.flow_makers import make_sites, texture

SMALL = FlowParameters(zoom=0.5)

Image = NDArray[np.uint8]


def pictures(count: int, shape: tuple[int, int] = SMALL.crop_size) -> list[Image]:
    return [texture(shape, (0.4 * k, -0.2 * k)) for k in range(count)]


def pushed(bank: StreamingBank, crops: list[Image], parameters: FlowParameters) -> list[Steps]:
    places, out = make_sites(parameters), []
    for tick, crop in enumerate(crops):
        out.append(bank.push(crop))
        bank.open(tick, places)
    return out


@pytest.mark.parametrize("threads", [2, 3, 20])
@pytest.mark.parametrize("alignment", list(Alignment))
def test_threads_change_no_bit(alignment: Alignment, threads: int) -> None:
    crops, workers = pictures(WINDOW + 3), Workers(threads)
    one = pushed(StreamingBank(alignment, SMALL), crops, SMALL)
    many = pushed(StreamingBank(alignment, SMALL, workers), crops, SMALL)
    workers.close()
    for alone, shared in zip(one, many, strict=True):
        assert (alone.patches == shared.patches).all()
        assert (alone.motions == shared.motions).all()


def test_banks_may_share_workers() -> None:
    workers, crops = Workers(2), pictures(5)
    banks = [StreamingBank(Alignment.RIGID, SMALL, workers) for _ in range(2)]
    one, other = (pushed(bank, crops, SMALL) for bank in banks)
    workers.close()
    for left, right in zip(one, other, strict=True):
        assert (left.patches == right.patches).all()


def arrays_of(bank: StreamingBank) -> Iterator[NDArray[np.float32] | NDArray[np.float64]]:
    """Every array of a bank that is as large as a line of the crop."""
    yield from bank._windows
    yield from (bank._padded, bank._lines, bank._moments, bank._sums)
    for level in bank._levels:
        # the two expansions of a level change places with every frame
        yield from sorted((level.before, level.now), key=id)
        yield level.flow


def test_a_bank_works_in_the_same_memory_for_ever() -> None:
    bank, crops = StreamingBank(Alignment.RIGID, SMALL), pictures(4)
    pushed(bank, crops, SMALL)
    before = [array.ctypes.data for array in arrays_of(bank)]
    pushed(bank, crops * 25, SMALL)
    bank.clear()
    pushed(bank, crops, SMALL)
    assert [array.ctypes.data for array in arrays_of(bank)] == before
    assert len(bank._open) <= WINDOW


def test_steps_are_the_callers_to_keep() -> None:
    bank, crops = StreamingBank(Alignment.RIGID, SMALL), pictures(6)
    steps = pushed(bank, crops, SMALL)
    kept = [part.patches.copy() for part in steps]
    pushed(bank, crops[::-1], SMALL)
    for part, copy in zip(steps, kept, strict=True):
        assert (part.patches == copy).all()
        assert not any(np.shares_memory(part.patches, array) for array in arrays_of(bank))


def test_a_crop_is_not_kept_nor_written_to() -> None:
    bank, crops = StreamingBank(Alignment.RIGID, SMALL), pictures(6)
    plain = pushed(StreamingBank(Alignment.RIGID, SMALL), crops, SMALL)
    places, again = make_sites(SMALL), []
    room = np.empty(SMALL.crop_size, np.uint8)
    for tick, crop in enumerate(crops):
        room[:] = crop
        again.append(bank.push(room))
        assert (room == crop).all()
        bank.open(tick, places)
    for one, other in zip(plain, again, strict=True):
        assert (one.patches == other.patches).all()


def test_pushing_for_long_keeps_nothing() -> None:
    bank, crops = StreamingBank(Alignment.RIGID, SMALL), pictures(4)
    pushed(bank, crops * 6, SMALL)
    tracemalloc.start()
    pushed(bank, crops * 50, SMALL)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # the interpreter's own free lists settle at about 60 kB; kept steps would be 480 kB
    assert held < 120_000


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_any_number_of_levels_finds_a_shift_that_its_reach_holds(levels: int) -> None:
    parameters = FlowParameters(levels=levels)
    bank = StreamingBank(Alignment.RIGID, parameters)
    shift = (1.2, -0.8)
    crops = [texture(), texture(shift=shift)]
    steps = pushed(bank, crops, parameters)[1]
    assert steps.motions[0, :2] == pytest.approx(shift, rel=0.02, abs=0.05)


def test_a_window_that_is_opened_late_begins_there() -> None:
    bank, crops = StreamingBank(Alignment.RIGID, SMALL), pictures(2 * WINDOW)
    for crop in crops[:WINDOW]:
        assert len(bank.push(crop)) == 0
    bank.open(100, make_sites(SMALL))
    steps = [bank.push(crop) for crop in crops[WINDOW:]]
    assert [len(part) for part in steps] == [1] * (WINDOW - 1) + [0]
    drift = 0.4 * np.arange(1, WINDOW)
    found = [part.motions[0, 0] for part in steps[:-1]]
    assert found == pytest.approx(drift, rel=0.03, abs=0.08)
