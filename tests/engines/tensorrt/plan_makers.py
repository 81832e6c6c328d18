"""Keys and plans for tests, and what a test needs to build real ones."""

import importlib.util
from pathlib import Path

import pytest

from engines.tensorrt.distribution import TENSORRT_RTX
from engines.tensorrt.key import DEFAULT_BATCH, PlanKey
from engines.tensorrt.plan import Plan, write_plan
from tests.engines.conftest import tiny_manifest

needs_rtx = pytest.mark.skipif(
    importlib.util.find_spec(TENSORRT_RTX.module) is None,
    reason=f"tensorrt-rtx is not installed; pip install '{TENSORRT_RTX.extra}'",
)


def make_key(**changes: object) -> PlanKey:
    values = {
        "model_sha256": "ab" * 32,
        "distribution": "tensorrt-rtx",
        "version": "1.7.1.116",
        "targets": ("SM80", "SM86"),
        "precision": "fp16",
        "batch": DEFAULT_BATCH,
    }
    return PlanKey(**(values | changes))


def make_plan(folder: Path, content: bytes = b"a plan", **changes: object) -> Plan:
    return write_plan(folder, tiny_manifest(), make_key(**changes), content)
