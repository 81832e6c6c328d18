import sys
from pathlib import Path

import pytest

from engines.errors import ModelError, UsageError
from engines.tensorrt.distribution import (
    DISTRIBUTIONS,
    TENSORRT,
    TENSORRT_RTX,
    Distribution,
    find_distribution,
    load,
    version_of,
)
from tests.engines.tensorrt.plan_makers import needs_rtx

ABSENT = Distribution("tensorrt", "fes_test_absent_module", "fes[tensorrt]", ahead=False)


def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Distribution:
    tmp_path.joinpath("fes_test_broken_module.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "fes_test_broken_module", raising=False)
    return Distribution("tensorrt", "fes_test_broken_module", "fes[tensorrt]", ahead=False)


def test_both_are_found_by_name_and_rtx_comes_first() -> None:
    assert list(DISTRIBUTIONS.values()) == [TENSORRT_RTX, TENSORRT]
    assert find_distribution("tensorrt") is TENSORRT
    assert find_distribution("tensorrt-rtx") is TENSORRT_RTX


def test_an_unknown_name_is_a_usage_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'cuda' is unknown; choose one of tensorrt-rtx, tensorrt"):
        find_distribution("cuda")


def test_what_is_not_installed_is_said_with_what_to_install() -> None:
    with pytest.raises(ModelError, match=r"is not installed; pip install 'fes\[tensorrt\]'"):
        load(ABSENT)


@pytest.mark.parametrize(
    "text",
    [
        "raise OSError('libnvinfer.so.10:\\n cannot open shared object file')",
        "import fes_test_missing_dependency",
        "raise RuntimeError",
    ],
)
def test_what_is_installed_and_does_not_load_is_one_line_that_says_why(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match=r"is installed but does not load: [a-zA-Z]") as caught:
        load(broken(tmp_path, monkeypatch, text))
    assert "\n" not in str(caught.value)


@needs_rtx
def test_the_installed_rtx_loads_and_tells_its_version() -> None:
    module = load(TENSORRT_RTX)
    assert load(TENSORRT_RTX) is module
    assert version_of(module).count(".") >= 2
