import math
from dataclasses import replace

import pytest

from engines.intervals import Kind
from realtime.events.messages import (
    Expression,
    FaceFound,
    Hello,
    Phase,
    SourceDescription,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.telemetry import Telemetry
from realtime.sources.condition import Condition
from tests.realtime.events.event_makers import HELLO, expression, telemetry


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_no_event_takes_a_number_that_is_not_finite(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        FaceFound(0, wrong)
    with pytest.raises(ValueError, match="finite"):
        StreamGap(0.0, wrong, "no frames")
    with pytest.raises(ValueError, match="micro_apex"):
        Telemetry(1.0, scores={"micro_apex": wrong})
    with pytest.raises(ValueError, match="shifts"):
        Telemetry(1.0, patches=((0.0, 0.0),), shifts=((0.0, wrong),))


@pytest.mark.parametrize("score", [-0.01, 1.01, math.nan])
def test_a_score_is_a_probability(score: float) -> None:
    with pytest.raises(ValueError, match="score"):
        expression(score=score)


def test_an_apex_lies_between_onset_and_offset() -> None:
    with pytest.raises(ValueError, match="order"):
        Expression("e", Phase.NEW, Kind.MACRO, 2.0, 1.0, 3.0, 0.5, 0)
    with pytest.raises(ValueError, match="order"):
        Expression("e", Phase.NEW, Kind.MACRO, None, 4.0, 3.0, 0.5, 0)
    Expression("e", Phase.NEW, Kind.MACRO, 1.0, 1.0, 1.0, 0.5, 0)


def test_boundaries_may_be_unknown_until_the_end() -> None:
    Expression("e", Phase.NEW, Kind.MACRO, None, 1.0, None, 0.5, 0)
    with pytest.raises(ValueError, match="needs its onset"):
        Expression("e", Phase.END, Kind.MACRO, 0.5, 1.0, None, 0.5, 0)


def test_every_patch_has_a_shift() -> None:
    with pytest.raises(ValueError, match="1 patches but 0 shifts"):
        Telemetry(1.0, patches=((0.0, 0.0),))
    assert Telemetry(1.0).patches == ()
    assert len(telemetry().shifts) == 2


def test_counts_and_delays_are_never_negative() -> None:
    with pytest.raises(ValueError, match="frames"):
        StreamEnd("finished", 1.0, -1, 0)
    with pytest.raises(ValueError, match="algorithmic_delay_s"):
        Hello(HELLO.model, 30, "onnxruntime", "fp32", -0.1, "clip")
    with pytest.raises(ValueError, match="drops"):
        Telemetry(1.0, drops=-1)


def test_a_hello_that_lists_no_sources_lists_its_own() -> None:
    assert HELLO.sources == (SourceDescription("synthetic", HELLO.started_utc, True),)


def test_source_0_of_a_hello_is_the_one_that_it_describes() -> None:
    with pytest.raises(ValueError, match="source 0"):
        replace(HELLO, source="another")
    with pytest.raises(ValueError, match="source 0"):
        replace(HELLO, sources=(SourceDescription("film.mp4"),))


def test_no_source_has_a_number_below_0() -> None:
    for make in (
        lambda: FaceFound(0, 1.0, -1),
        lambda: StreamGap(0.0, 1.0, "none", -1),
        lambda: StreamState(-1, Condition.LIVE, 0.0),
        lambda: StreamEnd("finished", 1.0, 1, 1, None, -1),
        lambda: Telemetry(1.0, source=-1),
    ):
        with pytest.raises(ValueError, match="source is -1"):
            make()


def test_a_state_is_one_that_there_is() -> None:
    with pytest.raises(ValueError, match="broken is none of live, "):
        StreamState(0, "broken", 0.0)  # type: ignore[arg-type]
