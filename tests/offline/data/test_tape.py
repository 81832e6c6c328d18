"""Windows of one video in memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from offline.data.tape import ROWS, WindowTape
from realtime.types import NODES, WINDOW


def window(value: float) -> np.ndarray:
    return np.full((WINDOW, len(NODES), 2), value, np.float32)


@given(st.dictionaries(st.integers(0, 3 * ROWS), st.integers(1, 9), max_size=6),
       st.integers(0, 3 * ROWS))  # fmt: skip
def test_a_tape_gives_back_what_was_put_and_zeros_elsewhere(put: dict[int, int], ticks: int):
    tape = WindowTape()
    for tick, value in put.items():
        tape.put(tick, window(value))
    features, scored = tape.cut(ticks)
    assert features.shape == (ticks, WINDOW, len(NODES), 2)
    assert features.dtype == np.float32
    expected = {tick: value for tick, value in put.items() if tick < ticks}
    assert np.flatnonzero(scored).tolist() == sorted(expected)
    for tick, value in expected.items():
        assert (features[tick] == value).all()
    assert not features[~scored].any()
    assert sorted(tape.windows()) == sorted(put)


def test_a_tape_holds_windows_of_any_length():
    tape = WindowTape(25)
    tape.put(1, np.ones((25, len(NODES), 2), np.float32))
    features, scored = tape.cut(3)
    assert features.shape == (3, 25, len(NODES), 2)
    assert features.sum() == 25 * len(NODES) * 2
    assert scored.tolist() == [False, True, False]
    assert WindowTape(9).cut(0)[0].shape == (0, 9, len(NODES), 2)


def test_a_tape_goes_on_after_it_was_cut():
    tape = WindowTape()
    tape.put(0, window(1))
    before, _ = tape.cut(1)
    tape.put(ROWS, window(2))
    features, scored = tape.cut(ROWS + 1)
    assert (before == 1).all()
    assert (features[0] == 1).all()
    assert (features[ROWS] == 2).all()
    assert scored.sum() == 2
