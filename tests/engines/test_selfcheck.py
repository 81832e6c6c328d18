from dataclasses import replace

import numpy as np
import pytest

from engines.decoding import decode
from engines.errors import ModelError
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.precision import TOLERANCES, Precision, Tolerance
from engines.scores import Scores
from engines.selfcheck import verify
from engines.stored_check import read_check
from tests.engines.check_makers import (
    MARKS,
    FakeBackend,
    decodable,
    make_check,
    pulses,
    shifted,
    store,
)
from tests.engines.conftest import MakeModel, tiny_windows


def test_a_backend_that_agrees_passes_and_tells_differences_and_events(
    make_model: MakeModel,
) -> None:
    model = decodable(make_model)
    store(model, shift=5e-6)
    check = read_check(model)
    with OnnxRuntimeBackend(model) as backend:
        agreement = verify(backend, check)
    assert agreement.windows == len(tiny_windows()) + len(pulses())
    assert agreement.worst.absolute == pytest.approx(5e-6, abs=1e-6)
    assert set(agreement.differences) == set(MARKS)
    assert agreement.events == decode(check.sequence_expected.values, check.rules)
    assert agreement.tolerance == TOLERANCES["fp32"]


@pytest.mark.parametrize(("precision", "passes"), [("fp32", False), ("fp16", True)])
def test_the_precision_of_the_backend_decides_what_may_differ(
    precision: Precision, passes: bool
) -> None:
    backend = FakeBackend(precision=precision, change=shifted("micro_apex", 1.5e-3))
    if passes:
        assert verify(backend, make_check()).worst.absolute == pytest.approx(1.5e-3, abs=1e-6)
    else:
        said = f"backend tensorrt-rtx in {precision}: output 'micro_apex' differs from the stored"
        with pytest.raises(ModelError, match=said):
            verify(backend, make_check())


def test_another_tolerance_can_be_asked_for() -> None:
    backend = FakeBackend(change=shifted("micro_apex", 1.5e-3))
    with pytest.raises(ModelError, match="differs"):
        verify(backend, make_check(), Tolerance(1e-3, 0.0))


@pytest.mark.parametrize("shift", [0.1, np.nan])
@pytest.mark.parametrize("name", MARKS)
def test_one_output_that_is_off_or_not_a_number_is_enough_to_be_refused(
    name: str, shift: float
) -> None:
    with pytest.raises(ModelError, match=f"output '{name}' differs"):
        verify(FakeBackend(change=shifted(name, shift)), make_check())


def test_differences_of_the_sequence_count_too() -> None:
    check = make_check()
    told = check.sequence_expected.values["micro_apex"].copy()
    told[-1] += 0.1
    values = {**check.sequence_expected.values, "micro_apex": told}
    with pytest.raises(ModelError, match=r"output 'micro_apex' differs .* in window 119"):
        verify(FakeBackend(), replace(check, sequence_expected=Scores(values)))


def test_scores_within_the_tolerance_with_another_expression_are_refused() -> None:
    check = make_check()
    apex = check.sequence_expected.values["macro_apex"]
    strongest = float(apex.max())
    # the threshold lies between what is expected and what is answered
    rules = replace(check.rules, macro=replace(check.rules.macro, apex_threshold=strongest - 1e-4))
    backend = FakeBackend(change=shifted("macro_apex", -1e-3))
    with pytest.raises(ModelError, match="the expressions differ from the stored ones"):
        verify(backend, replace(check, rules=rules))


def test_single_windows_and_the_largest_batch_are_both_asked_for() -> None:
    backend = FakeBackend()
    verify(backend, make_check())
    assert {1, 32} <= set(backend.batches)
    assert max(backend.batches) == 32
    assert sum(backend.batches) == len(tiny_windows()) + len(pulses())


def test_a_check_that_does_not_fit_the_model_is_refused(make_model: MakeModel) -> None:
    model, check = decodable(make_model), make_check()
    with OnnxRuntimeBackend(model) as backend:
        for windows in (check.windows[:, :5], np.full_like(check.windows, np.nan)):
            with pytest.raises(ModelError, match="the stored check does not fit the model"):
                verify(backend, replace(check, windows=windows))


def test_a_check_without_windows_is_refused() -> None:
    check = make_check()
    with pytest.raises(ModelError, match="holds no windows"):
        verify(FakeBackend(), replace(check, sequence=check.sequence[:0]))
