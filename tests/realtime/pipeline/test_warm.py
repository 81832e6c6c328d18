"""Everything has run once before the first frame."""

import logging

import pytest

from realtime.pipeline.warm import warm_up
from tests.realtime.pipeline.pipeline_makers import ScriptedBackend, manifest


def test_the_model_has_scored_windows_as_the_frame_path_gives_them() -> None:
    """The first window of a stream alone, and one more on the usual way."""
    backend = ScriptedBackend()
    warm_up(backend, manifest(), "streaming")
    assert backend.windows == 2


def test_whoever_waits_is_told_why(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        warm_up(ScriptedBackend(), manifest(), "streaming", threads=2)
    assert "getting ready" in caplog.text


def test_a_flow_that_does_not_exist_fails_before_the_first_frame() -> None:
    with pytest.raises((KeyError, ValueError)):
        warm_up(ScriptedBackend(), manifest(), "none")
