from collections.abc import Callable

import numpy as np
import pytest

from engines.decoding import DecoderRules, decode
from engines.intervals import Kind
from engines.scores import Scores
from engines.stored_check import as_stored
from offline import check_sequence as module
from offline.check_sequence import CANDIDATES, SECONDS, check_sequence, steady
from realtime.types import NODES, RATE_HZ

TICKS = int(SECONDS * RATE_HZ)
RULES = DecoderRules()
NAMES = [f"{kind}_{mark}" for kind in Kind for mark in ("onset", "offset", "apex")]
ALL = range(len(NODES))


def bumps(*kinds: Kind, height: float = 0.9) -> Scores:
    """Scores with one clear expression of each of these kinds."""
    values = {name: np.full(TICKS, 0.02, np.float32) for name in NAMES}
    for number, kind in enumerate(kinds):
        apex, reach = 60 + 120 * number, 4 if kind is Kind.MICRO else 15
        values[f"{kind}_apex"][apex] = height
        values[f"{kind}_onset"][apex - reach] = height
        values[f"{kind}_offset"][apex + reach] = height
    return Scores(values)


def script(*answers: Scores) -> Callable[[np.ndarray], Scores]:
    """Answer the first recording with the first of these, and so on; the last one repeats."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def recording(number: int) -> np.ndarray:
    recipe = module.SimulatedRecipe(seconds=SECONDS)
    return as_stored(recipe.draw(np.random.default_rng(number)).features)


BOTH = bumps(Kind.MICRO, Kind.MACRO)
SHAKY = bumps(Kind.MICRO, Kind.MACRO, height=0.5005)
"""Apexes that reach the threshold of 0.5 by less than half precision is off."""


def test_the_first_recording_with_both_kinds_is_taken() -> None:
    windows, scores = check_sequence(script(bumps(), bumps(Kind.MACRO), BOTH), ALL, RULES)
    np.testing.assert_array_equal(windows, recording(2))
    assert scores is BOTH
    assert {event.kind for event in decode(scores.values, RULES)} == set(Kind)


def test_the_sequence_is_ten_seconds_and_survives_being_stored() -> None:
    windows, _ = check_sequence(script(BOTH), ALL, RULES)
    assert (windows.shape, windows.dtype) == ((TICKS, 17, 18, 2), np.float32)
    np.testing.assert_array_equal(as_stored(windows), windows)


def test_only_the_nodes_that_the_model_reads_are_kept() -> None:
    windows, _ = check_sequence(script(BOTH), (0, 3, 17), RULES)
    np.testing.assert_array_equal(windows, recording(0)[:, :, [0, 3, 17]])


def test_the_same_sequence_comes_each_time() -> None:
    first, second = (check_sequence(script(BOTH), ALL, RULES)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_expressions_that_hang_on_the_last_bits_are_passed_over() -> None:
    assert check_sequence(script(SHAKY, SHAKY, BOTH, bumps()), ALL, RULES)[1] is BOTH


def test_a_model_that_finds_nothing_has_a_sequence_all_the_same() -> None:
    calls = []

    def nothing(windows: np.ndarray) -> Scores:
        calls.append(len(windows))
        return bumps()

    windows, scores = check_sequence(nothing, ALL, RULES)
    assert decode(scores.values, RULES) == ()
    np.testing.assert_array_equal(windows, recording(0))
    assert calls == [TICKS] * CANDIDATES


def test_one_kind_is_better_than_none_and_steady_is_better_than_both() -> None:
    one = bumps(Kind.MICRO)
    assert check_sequence(script(bumps(), SHAKY, one, bumps()), ALL, RULES)[1] is one


def test_a_steady_part_with_both_kinds_is_better_than_a_recording_without() -> None:
    # the micro is at 2 s, the macro at 6 s; what makes the whole shaky comes at 9 s
    values = {name: vector.copy() for name, vector in BOTH.values.items()}
    values["micro_apex"][270] = 0.5005
    values["micro_onset"][266] = values["micro_offset"][274] = 0.9
    values["macro_apex"][100] = values["macro_onset"][85] = values["macro_offset"][115] = 0.9
    windows, scores = check_sequence(script(Scores(values)), ALL, RULES)
    assert {event.kind for event in decode(scores.values, RULES)} == set(Kind)
    np.testing.assert_array_equal(windows, recording(0)[:150])
    assert all((v == values[n][:150]).all() for n, v in scores.values.items())


@pytest.mark.parametrize(("scores", "expected"), [(BOTH, True), (bumps(), True), (SHAKY, False)])
def test_scores_are_steady_unless_a_threshold_is_near(scores: Scores, expected: bool) -> None:
    assert steady(scores, RULES) is expected
