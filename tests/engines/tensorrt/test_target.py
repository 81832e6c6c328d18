import pytest

from engines.errors import UsageError
from engines.tensorrt.distribution import TENSORRT, TENSORRT_RTX, load
from engines.tensorrt.target import TARGETS, gpu_target, require_targets
from tests.engines.tensorrt.plan_makers import needs_rtx


def test_none_named_means_all_five() -> None:
    assert require_targets(TENSORRT_RTX) == ("SM75", "SM80", "SM86", "SM89", "SM120")


def test_targets_are_taken_in_any_order_and_case_and_each_once() -> None:
    assert require_targets(TENSORRT_RTX, ["sm120", "SM80", "sm80"]) == ("SM80", "SM120")


def test_unknown_targets_are_named_in_a_usage_error() -> None:
    with pytest.raises(UsageError, match="target SM12, SM90 is unknown; choose among SM75"):
        require_targets(TENSORRT_RTX, ["SM90", "SM80", "SM12"])


@pytest.mark.parametrize("names", [[], ["SM80"]])
def test_what_builds_for_the_gpu_at_hand_takes_no_targets(names: list[str]) -> None:
    with pytest.raises(UsageError, match="builds for the GPU at hand"):
        require_targets(TENSORRT, names)


def test_a_gpu_is_a_generation_to_rtx_and_a_product_to_tensorrt() -> None:
    assert gpu_target(TENSORRT_RTX, (12, 0), "NVIDIA GeForce RTX 5090") == "SM120"
    assert gpu_target(TENSORRT, (9, 0), " NVIDIA  H200 ") == "SM90 NVIDIA H200"


@needs_rtx
def test_the_installed_rtx_knows_every_target() -> None:
    known = load(TENSORRT_RTX).ComputeCapability
    assert [target for target in TARGETS if not hasattr(known, target)] == []
