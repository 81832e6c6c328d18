"""Whose faces are rendered."""

from pathlib import Path

import pytest

from benchmarks import flow_portraits
from benchmarks.flow_portraits import measured_portraits
from engines.errors import UsageError


def test_without_stills_the_bundled_portrait_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_portraits, "STILLS", tmp_path)
    assert [portrait.name for portrait in measured_portraits()] == ["astronaut"]


def test_a_named_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no picture"):
        measured_portraits(tmp_path)
