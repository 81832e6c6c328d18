import os
from importlib import metadata
from pathlib import Path

import pytest

from engines.measure import machine
from engines.measure.machine import this_machine


def test_this_machine_is_described() -> None:
    found = this_machine()
    assert found.cpu
    assert 1 <= found.cores <= found.cores_of_machine == os.cpu_count()
    assert found.packages["onnxruntime"] == metadata.version("onnxruntime")
    assert found.gpu is None
    assert "\n" not in found.text


def test_the_gpu_that_takes_part_is_named() -> None:
    assert "NVIDIA Test (SM89)" in this_machine("NVIDIA Test (SM89)").text


@pytest.mark.parametrize(
    ("listing", "name"),
    [("processor : 0\nmodel name\t: Fast: One\nmodel name : Two\n", "Fast: One"), ("", None)],
)
def test_the_processor_has_the_name_that_the_system_lists_or_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listing: str, name: str | None
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(listing, encoding="utf-8")
    monkeypatch.setattr(machine, "PROCESSORS", path)
    found = this_machine().cpu
    assert found == name if name else found
