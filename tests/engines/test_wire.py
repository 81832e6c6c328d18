import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import ModelError
from engines.wire import require_few_parts
from tests.engines.conftest import tiny_graph

WHOLE = tiny_graph().SerializeToString()


def count_fields(message: object) -> int:
    """Fields on the wire of a message as this project's exporters write it."""
    count = 0
    for field, value in message.ListFields():
        if field.message_type is not None:
            parts = value if hasattr(value, "__len__") else [value]
            count += sum(1 + count_fields(part) for part in parts)
        else:
            packed = field.has_options and field.GetOptions().packed
            count += len(value) if hasattr(value, "append") and not packed else 1
    return count


def test_as_many_parts_are_accepted_as_there_are_and_no_fewer() -> None:
    parts = count_fields(tiny_graph())
    require_few_parts(WHOLE, "model", parts)
    with pytest.raises(ModelError, match=f"more than {parts - 1} parts"):
        require_few_parts(WHOLE, "model", parts - 1)


@pytest.mark.parametrize("cut", range(1, len(WHOLE), 7))
def test_a_file_that_ends_within_a_field_is_refused(cut: int) -> None:
    head = WHOLE[:cut]
    try:
        require_few_parts(head, "model")
    except ModelError as error:
        with pytest.raises(ValueError, match="damaged"):
            raise ValueError(str(error)) from error
    else:
        # cut between two fields of the outermost message: a shorter, whole one
        assert onnx.load_model_from_string(head).SerializeToString() == head


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused_with_the_reason(content: bytes) -> None:
    try:
        require_few_parts(content, "model")
    except ModelError as error:
        reason = str(error)
    else:
        reason = "not an ONNX file, or a damaged one"
    assert "not an ONNX file, or a damaged one" in reason


@pytest.mark.parametrize(
    "content",
    [
        b"\x3a\x05\x0a\x00",  # a graph that is longer than the file
        b"\x3a\x02\x0a\x07",  # a node that is longer than its graph
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length of eleven bytes
        b"\x3b\x3c",  # a group, which ONNX does not have
        b"\x80",
    ],
)
def test_damaged_lengths_and_kinds_are_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match="damaged"):
        require_few_parts(content, "model")
