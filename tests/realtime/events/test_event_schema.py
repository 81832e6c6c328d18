import copy
import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import validator_for

from engines.intervals import Kind
from engines.precision import PRECISIONS, Precision
from realtime.events.cloudevents import EVENT_TYPES, UNSEQUENCED, JsonValue, seal
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    Hello,
    Mark,
    Phase,
    Snapshot,
    SourceDescription,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.schema import DOCUMENTS, document_bytes, load_document
from realtime.events.telemetry import Telemetry
from realtime.sources.condition import Condition
from tests.realtime.events.event_makers import HELLO, MOMENT, NUMBERED, expression, telemetry

SCHEMA = load_document("schemas/events.json")
ENDED = StreamEnd("finished", 1.0, 30, 30)
MESSAGES: tuple[EventData, ...] = (
    HELLO,
    replace(HELLO, sources=(*HELLO.sources, SourceDescription("film.mp4")), recording=True),
    Snapshot(
        3,
        (FaceFound(0, 1.0),),
        (expression(),),
        ENDED,
        (StreamState(0, Condition.LIVE, 0.5),),
        (ENDED,),
    ),
    *(StreamState(1, one, 2.0, "why") for one in Condition),
    Snapshot(0),
    telemetry(),
    Telemetry(0.0),
    Mark(Kind.MICRO, 4.2, 126, "2024-02-29T12:00:04.325Z"),
    Expression("bare", Phase.NEW, Kind.MACRO, None, 1.0, None, 1.0, 3),
    *NUMBERED,
)


def message(data: EventData) -> dict[str, JsonValue]:
    sequence = None if isinstance(data, UNSEQUENCED) else 1
    text = seal(data, identity="1", source="urn:x", time=MOMENT, sequence=sequence).text
    document: dict[str, JsonValue] = json.loads(text)
    return document


def validate(document: dict[str, JsonValue]) -> None:
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        document
    )


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith("schemas/")])
def test_each_schema_is_itself_valid(name: str) -> None:
    schema = load_document(name)
    validator_for(schema).check_schema(schema)


@pytest.mark.parametrize("data", MESSAGES)
def test_every_real_message_satisfies_the_schema(data: EventData) -> None:
    validate(message(data))


def test_every_type_of_event_was_validated() -> None:
    assert {message(data)["type"] for data in MESSAGES} == set(EVENT_TYPES)


@pytest.mark.parametrize("data", MESSAGES)
def test_the_schema_refuses_data_under_another_type(data: EventData) -> None:
    document = message(data)
    document["type"] = "fes.telemetry" if not isinstance(data, Telemetry) else "fes.hello"
    with pytest.raises(ValidationError):
        validate(document)


@pytest.mark.parametrize("data", MESSAGES)
def test_the_schema_refuses_an_unknown_field(data: EventData) -> None:
    document = copy.deepcopy(message(data))
    inner = document["data"]
    assert isinstance(inner, dict)
    inner["surprise"] = 1
    with pytest.raises(ValidationError):
        validate(document)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_schema_knows_every_precision_that_a_backend_may_have(precision: Precision) -> None:
    validate(message(replace(HELLO, precision=precision)))


def test_the_schema_refuses_a_hello_that_does_not_say_its_precision() -> None:
    document = message(HELLO)
    inner = document["data"]
    assert isinstance(inner, dict)
    del inner["precision"]
    with pytest.raises(ValidationError, match="precision"):
        validate(document)


def test_the_schema_refuses_an_end_without_its_offset() -> None:
    document = message(expression(Phase.END))
    inner = document["data"]
    assert isinstance(inner, dict)
    inner["offset_s"] = None
    with pytest.raises(ValidationError):
        validate(document)


@pytest.mark.parametrize("data", MESSAGES)
def test_the_schema_refuses_what_belongs_to_a_source_and_does_not_say_to_which(
    data: EventData,
) -> None:
    document = copy.deepcopy(message(data))
    inner = document["data"]
    assert isinstance(inner, dict)
    if "source" in inner:
        del inner["source"]
        with pytest.raises(ValidationError):
            validate(document)
    else:
        assert isinstance(data, Snapshot)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hello", Hello),
        ("snapshot", Snapshot),
        ("expression", Expression),
        ("face", FaceFound),
        ("gap", StreamGap),
        ("state", StreamState),
        ("source", SourceDescription),
        ("mark", Mark),
        ("end", StreamEnd),
        ("telemetry", Telemetry),
    ],
)
def test_the_schema_describes_exactly_the_fields_that_are_sent(name: str, kind: type) -> None:
    definitions = SCHEMA["$defs"]
    assert isinstance(definitions, dict)
    definition = definitions[name]
    assert isinstance(definition, dict)
    described = definition["properties"]
    assert isinstance(described, dict)
    assert set(described) == {field.name for field in fields(kind)} - {"phase"}


def references(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str):
            yield target
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    asyncapi = load_document("asyncapi.json")
    found = list(references(asyncapi))
    assert found
    for reference in found:
        file, _, path = reference.partition("#")
        node: JsonValue = load_document(file) if file else asyncapi
        for step in path.strip("/").split("/") if path else []:
            assert isinstance(node, dict), reference
            node = node[step]
        assert node


def test_the_asyncapi_document_is_version_3_and_names_every_message() -> None:
    asyncapi = load_document("asyncapi.json")
    assert re.fullmatch(r"3\.\d+\.\d+", str(asyncapi["asyncapi"]))
    text = document_bytes("asyncapi.json").decode()
    definitions = SCHEMA["$defs"]
    assert isinstance(definitions, dict)
    for name in definitions:
        if name.startswith("message."):
            assert f"#/$defs/{name}" in text


def test_no_file_outside_the_shipped_documents_is_read() -> None:
    with pytest.raises(KeyError):
        document_bytes("../messages.py")
