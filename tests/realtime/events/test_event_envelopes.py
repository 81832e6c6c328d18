import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.events.cloudevents import seal, utc_text
from realtime.events.messages import EventData, FaceFound, FaceLost, Phase, Snapshot
from realtime.events.telemetry import Telemetry
from tests.realtime.events.event_makers import HELLO, MOMENT, NUMBERED, expression, telemetry


def sealed(data: EventData, sequence: int | None = None) -> dict[str, object]:
    text = seal(data, identity="i", source="urn:x", time=MOMENT, sequence=sequence).text
    document: dict[str, object] = json.loads(text)
    return document


def test_an_envelope_has_the_attributes_that_cloudevents_requires() -> None:
    document = sealed(FaceFound(2, 1.5), 7)
    assert document == {
        "specversion": "1.0",
        "id": "i",
        "source": "urn:x",
        "type": "fes.face.found",
        "time": "2024-02-29T12:00:00.125Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:fes:schema:2#/$defs/face",
        "sequence": 7,
        "data": {"face": 2, "time_s": 1.5, "source": 0},
    }


def test_equal_events_are_equal_bytes() -> None:
    first, second = (seal(telemetry(), identity="i", source="urn:x", time=MOMENT) for _ in range(2))
    assert first.text == second.text


@pytest.mark.parametrize("phase", list(Phase))
def test_the_phase_of_an_expression_is_in_its_type_alone(phase: Phase) -> None:
    document = sealed(expression(phase), 1)
    assert document["type"] == f"fes.expression.{phase.value}"
    assert "phase" not in document["data"]  # type: ignore[operator]


@pytest.mark.parametrize("data", [HELLO, Snapshot(0), telemetry()])
def test_what_may_be_dropped_or_is_made_for_one_client_has_no_sequence(data: EventData) -> None:
    assert "sequence" not in sealed(data)
    with pytest.raises(ValueError, match="sequence 1"):
        sealed(data, 1)


@pytest.mark.parametrize("data", NUMBERED)
def test_what_is_never_dropped_always_has_a_sequence(data: EventData) -> None:
    with pytest.raises(ValueError, match="sequence None"):
        sealed(data)


def test_numbers_of_numpy_become_plain_numbers() -> None:
    look = Telemetry(1.0, scores={"micro_apex": np.float32(0.1)}, drops=np.int64(3))  # type: ignore[dict-item, arg-type]
    data = sealed(look)["data"]
    assert isinstance(data, dict)
    assert data["scores"] == {"micro_apex": 0.1}
    assert data["drops"] == 3


def test_text_is_sent_as_it_is() -> None:
    assert '"ended":null' in seal(Snapshot(0), identity="i", source="urn:x", time=MOMENT).text
    assert "für" in seal(FaceLost(0, 0.0), identity="für", source="x", time=MOMENT, sequence=1).text


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_utc_text_is_read_back_to_the_millisecond(moment: datetime) -> None:
    text = utc_text(moment)
    assert text.endswith("Z")
    assert abs(datetime.fromisoformat(text) - moment) <= timedelta(microseconds=500)


def test_utc_text_converts_zones_and_refuses_a_moment_without_one() -> None:
    zone = timezone(timedelta(hours=2))
    assert utc_text(datetime(2024, 3, 1, 1, 30, tzinfo=zone)) == "2024-02-29T23:30:00.000Z"
    with pytest.raises(ValueError, match="no time zone"):
        utc_text(datetime(2024, 3, 1))
