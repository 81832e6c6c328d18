import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.agreement import Difference, compare, compare_events, largest
from engines.decoding import DecoderRules, IntensityRules, decode
from engines.errors import ModelError
from engines.precision import TOLERANCES, Tolerance
from engines.scores import Scores
from tests.engines.check_makers import INTENSITY_SLOPES, MARKS, answer, pulses, shifted

FP32, FP16 = TOLERANCES["fp32"], TOLERANCES["fp16"]
RULES = DecoderRules()
WHO = "backend fake"


def scores(**values: list[float]) -> Scores:
    return Scores({name: np.array(v, np.float32) for name, v in values.items()})


def test_differences_are_reported_per_output_absolutely_and_relatively() -> None:
    tolerance = Tolerance(absolute=0.1, relative=0.0)
    expected = scores(a=[0.5, 0.25, 0.001], b=[1.0, 0.0, 0.0])
    got = scores(a=[0.5, 0.26, 0.002], b=[0.95, 0.0, 0.0])
    found = compare(expected, got, tolerance, WHO)
    assert found["a"].absolute == pytest.approx(0.01, rel=1e-5)
    # 0.001 doubled is no news; 0.25 moved by 4 % is
    assert found["a"].relative == pytest.approx(0.04, rel=1e-5)
    assert found["b"] == Difference(pytest.approx(0.05), pytest.approx(0.05))
    assert largest(found) == Difference(found["b"].absolute, found["b"].relative)


def test_relative_differences_of_values_near_zero_are_none() -> None:
    found = compare(scores(a=[0.0]), scores(a=[1e-6]), FP32, WHO)
    assert found["a"].relative == 0.0


@given(
    expected=st.floats(0, 1, width=32),
    sign=st.sampled_from([-1, 1]),
    share=st.floats(0, 3),
    tolerance=st.sampled_from([FP32, FP16]),
)
def test_a_value_passes_exactly_when_it_is_within_the_sum_of_both_tolerances(
    expected: float, sign: int, share: float, tolerance: Tolerance
) -> None:
    allowed = tolerance.absolute + tolerance.relative * expected
    answered = float(np.float32(expected + sign * share * allowed))
    passes = abs(answered - expected) <= allowed
    if passes:
        compare(scores(a=[expected]), scores(a=[answered]), tolerance, WHO)
    else:
        with pytest.raises(ModelError, match="output 'a' differs from the stored one"):
            compare(scores(a=[expected]), scores(a=[answered]), tolerance, WHO)


@given(
    length=st.integers(1, 40),
    data=st.data(),
    bad=st.sampled_from([np.nan, np.inf, -np.inf]),
    in_the_stored_one=st.booleans(),
)
def test_one_value_that_is_not_a_number_never_passes(
    length: int, data: st.DataObject, bad: float, in_the_stored_one: bool
) -> None:
    values = data.draw(st.lists(st.floats(0, 1, width=32), min_size=length, max_size=length))
    spoiled = values.copy()
    spoiled[data.draw(st.integers(0, length - 1))] = bad
    pair = [scores(a=[0.5] * length, b=v) for v in (values, spoiled)]
    expected, got = pair[::-1] if in_the_stored_one else pair
    with pytest.raises(ModelError, match="output 'b' differs"):
        compare(expected, got, Tolerance(1e30, 1e30), WHO)


def test_both_not_a_number_do_not_agree() -> None:
    with pytest.raises(ModelError, match="differs"):
        compare(scores(a=[np.nan]), scores(a=[np.nan]), FP16, WHO)


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (scores(a=[0.5, 0.5]), "has outputs a instead of a, b"),
        (scores(a=[0.5, 0.5], c=[0.5, 0.5]), "has outputs a, c instead of a, b"),
        (scores(a=[0.5], b=[0.5]), "answered 1 windows where 2 are stored"),
    ],
)
def test_other_outputs_or_another_number_of_them_are_refused(got: Scores, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        compare(scores(a=[0.5, 0.5], b=[0.5, 0.5]), got, FP32, WHO)


def test_nothing_to_compare_is_not_agreement() -> None:
    for empty in (Scores({}), scores(a=[])):
        with pytest.raises(ModelError, match="answered 0 windows"):
            compare(empty, empty, FP32, WHO)


def test_equal_scores_have_equal_events_and_these_are_returned() -> None:
    told = answer(pulses())
    events = compare_events(told, told, RULES, FP32, WHO)
    assert events == decode(told.values, RULES)
    assert {event.kind.value for event in events} == {"micro", "macro"}


def test_scores_that_decode_to_nothing_agree() -> None:
    quiet = Scores({name: np.full(50, 0.25, np.float32) for name in MARKS})
    assert compare_events(quiet, quiet, RULES, FP32, WHO) == ()


def test_a_moved_boundary_is_refused_naming_both_places() -> None:
    told = answer(pulses())
    onset = told.values["micro_onset"].copy()
    onset[11] = 1.0
    other = Scores({**told.values, "micro_onset": onset})
    with pytest.raises(ModelError, match=r"micro at ticks 11-13-20 instead of micro at ticks 12"):
        compare_events(told, other, RULES, FP16, WHO)


def test_an_expression_too_many_or_too_few_is_refused_in_either_direction() -> None:
    told = answer(pulses())
    without = Scores({**told.values, "macro_apex": np.zeros(len(told), np.float32)})
    with pytest.raises(ModelError, match=r"instead of macro at ticks 13"):
        compare_events(told, without, RULES, FP16, WHO)
    with pytest.raises(ModelError, match=r"macro at ticks 13-21-29 instead of"):
        compare_events(without, told, RULES, FP16, WHO)


def test_an_expression_at_the_end_that_is_missing_is_named() -> None:
    told = answer(pulses())
    apex = told.values["macro_apex"].copy()
    apex[90:] = 0
    with pytest.raises(ModelError, match="nothing further instead of macro at ticks 72-101-109"):
        compare_events(told, Scores({**told.values, "macro_apex": apex}), RULES, FP16, WHO)


def test_a_score_may_be_off_by_what_three_probabilities_may() -> None:
    told = answer(pulses())
    near, far = shifted("macro_apex", 2e-3), shifted("macro_apex", 0.1)
    assert compare_events(told, near(told), RULES, FP16, WHO)
    with pytest.raises(ModelError, match=r"has score 0\.\d+ instead of 0\.\d+"):
        compare_events(told, far(told), RULES, FP16, WHO)


@pytest.mark.parametrize("name", MARKS)
def test_events_of_scores_that_are_not_numbers_are_refused(name: str) -> None:
    told = answer(pulses())
    spoiled = told.values[name].copy()
    spoiled[3] = np.nan
    other = Scores({**told.values, name: spoiled})
    with pytest.raises(ModelError, match=r"backend fake: cannot be decoded: .*not a probability"):
        compare_events(told, other, RULES, FP16, WHO)
    with pytest.raises(ModelError, match="the stored scores: cannot be decoded"):
        compare_events(other, told, RULES, FP16, WHO)


def test_an_intensity_decodes_to_expressions_that_must_be_equal_too() -> None:
    told = answer(pulses(), INTENSITY_SLOPES)
    rules = IntensityRules(thresholds=(0.4, 0.6, 0.8))
    events = compare_events(told, told, rules, FP16, WHO)
    assert events == decode(told.values, rules)
    assert {event.kind.value for event in events} == {"micro", "macro"}
    action = shifted("macro_action", -0.4)
    with pytest.raises(ModelError, match=r"the expressions differ .* instead of macro"):
        compare_events(told, action(told), rules, FP16, WHO)


def test_a_contrast_may_be_off_by_what_two_means_may() -> None:
    curve = [0.1] * 10 + [0.9] * 12 + [0.1] * 10
    actions = {"micro_action": [0.0] * 32, "macro_action": [1.0] * 32}
    told = scores(intensity=curve, **actions)
    # half of it inside, half around: 0.9 - p and 0.1 + p
    for p, agrees in ((0.003, True), (0.03, False)):
        moved = [v - p if v > 0.5 else v + p for v in curve]
        got = scores(intensity=moved, **actions)
        if agrees:
            compare_events(told, got, IntensityRules(), FP16, WHO)
        else:
            with pytest.raises(ModelError, match=r"has score 0\.74 instead of 0\.8"):
                compare_events(told, got, IntensityRules(), FP16, WHO)


def test_scores_that_a_decoder_does_not_know_are_refused() -> None:
    foreign = scores(smile=[0.5, 0.5])
    with pytest.raises(ModelError, match=r"the stored scores: cannot be decoded: .*'micro_onset'"):
        compare_events(foreign, foreign, RULES, FP32, WHO)
