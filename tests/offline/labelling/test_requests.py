import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.labelling.requests import Delete, Mark, ShowFrame, Undo, Watch, read_request


@pytest.mark.parametrize(
    ("message", "request_"),
    [
        ({"type": "frame", "video": 0, "frame": 7}, ShowFrame(0, 7)),
        ({"type": "mark", "video": 1, "frame": 0, "kind": "macro"}, Mark(1, 0, Kind.MACRO)),
        ({"type": "delete", "video": 0, "frame": 7}, Delete(0, 7)),
        ({"type": "watch", "video": 1}, Watch(1)),
        ({"type": "undo"}, Undo()),
    ],
)
def test_each_request_is_read(message: dict[str, object], request_: object) -> None:
    assert read_request(json.dumps(message), 2) == request_


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "null", "[]", '"undo"', "{}", '{"type": 1}', '{"type": ["undo"]}',
        '{"type": "shout"}', '{"type": "undo", "video": 0}', '{"type": "watch"}',
        '{"type": "watch", "video": 2}', '{"type": "watch", "video": -1}',
        '{"type": "watch", "video": true}', '{"type": "watch", "video": 0.0}',
        '{"type": "frame", "video": 0, "frame": "7"}',
        '{"type": "frame", "video": 0, "frame": 1e3}',
        '{"type": "frame", "video": 0, "frame": -1}',
        '{"type": "frame", "video": 0, "frame": 99999999999999999999}',
        '{"type": "mark", "video": 0, "frame": 1, "kind": "tiny"}',
        '{"type": "mark", "video": 0, "frame": 1, "kind": ["micro"]}',
        '{"type": "mark", "video": 0, "frame": 1}', "[" * 2000,
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_request(text, 2)


@given(st.text() | st.binary())
def test_no_message_does_harm(text: str | bytes) -> None:
    with contextlib.suppress(ValueError):
        read_request(text, 1)
