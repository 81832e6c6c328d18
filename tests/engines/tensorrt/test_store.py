import logging
import os
from pathlib import Path

import pytest

from engines.model_file import ModelFile
from engines.tensorrt.distribution import TENSORRT, TENSORRT_RTX
from engines.tensorrt.key import BatchRange
from engines.tensorrt.plan import Plan
from engines.tensorrt.side import side_path
from engines.tensorrt.store import find_key, find_plan, list_plans, plans_folder
from tests.engines.conftest import MakeModel
from tests.engines.tensorrt.plan_makers import make_key, make_plan

VERSION = "1.7.1.116"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FES_PLANS", str(folder))
    return folder


def find(model: ModelFile, target: str = "SM86") -> Plan | None:
    return find_plan(model, TENSORRT_RTX, VERSION, target, "fp16")


def test_the_folder_is_the_named_one(cache: Path) -> None:
    assert plans_folder() == cache


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_name_the_folder_is_in_the_users_cache(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("FES_PLANS", raising=False)
    else:
        monkeypatch.setenv("FES_PLANS", value)
    assert plans_folder().is_absolute()
    assert "fes" in plans_folder().parts


def test_where_there_is_no_folder_there_are_no_plans(cache: Path, make_model: MakeModel) -> None:
    assert list_plans() == ()
    assert find(make_model()) is None


def test_a_plan_for_several_generations_serves_each(cache: Path, make_model: MakeModel) -> None:
    model = make_model()
    plan = make_plan(cache, model_sha256=model.sha256)
    assert find(model, "SM80") == find(model, "SM86") == plan
    assert find(model, "SM89") is None


def test_a_plan_that_came_with_a_model_is_never_taken(cache: Path, make_model: MakeModel) -> None:
    model = make_model()
    make_plan(model.path.parent, b"beside", model_sha256=model.sha256)
    assert find(model) is None


def test_of_several_the_newest_is_taken(cache: Path, make_model: MakeModel) -> None:
    model = make_model()
    old = make_plan(cache, b"old", model_sha256=model.sha256, targets=("SM86",))
    new = make_plan(cache, b"new", model_sha256=model.sha256)
    for plan, seconds in ((old, 1000), (new, 2000)):
        os.utime(plan.path, (seconds, seconds))
    assert find(model) == new


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "1.6"}, "version 1.6 instead of 1.7.1.116"),
        ({"precision": "fp32"}, "precision fp32 instead of fp16"),
        ({"targets": ("SM75",)}, "built for SM75, not for SM86"),
        ({"batch": BatchRange(most=8)}, "batch 1 to 8, usually 1 instead of 1 to 32"),
        ({"distribution": "tensorrt"}, "distribution tensorrt instead of tensorrt-rtx"),
    ],
)
def test_a_plan_with_another_key_is_never_returned_and_the_log_says_why(
    changes: dict[str, object],
    reason: str,
    cache: Path,
    make_model: MakeModel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = make_model()
    make_plan(cache, model_sha256=model.sha256, **changes)
    with caplog.at_level(logging.INFO, "engines.tensorrt.store"):
        assert find(model) is None
    assert reason in caplog.text


def test_a_plan_of_another_model_is_passed_over_in_silence(
    cache: Path, make_model: MakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    make_plan(cache)
    with caplog.at_level(logging.INFO, "engines.tensorrt.store"):
        assert find(make_model()) is None
    assert caplog.records == []


def test_a_plan_of_tensorrt_serves_the_gpu_that_it_was_built_on(
    cache: Path, make_model: MakeModel
) -> None:
    model = make_model()
    own = {"distribution": "tensorrt", "version": "10.8", "targets": ("SM90 NVIDIA H200",)}
    plan = make_plan(cache, model_sha256=model.sha256, **own)
    assert find_plan(model, TENSORRT, "10.8", "SM90 NVIDIA H200", "fp16") == plan
    assert find_plan(model, TENSORRT, "10.8", "SM90 NVIDIA H100", "fp16") is None


def test_a_damaged_plan_is_passed_over_with_a_warning_and_a_whole_one_is_taken(
    cache: Path, make_model: MakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    model = make_model()
    bad = make_plan(cache, b"newer", model_sha256=model.sha256)
    good = make_plan(cache, b"older", model_sha256=model.sha256, targets=("SM86",))
    bad.path.write_bytes(b"short")
    os.utime(good.path, (1, 1))
    with caplog.at_level(logging.WARNING, "engines.tensorrt.store"):
        assert find(model) == good
    assert "hash is not that of its side file" in caplog.text


def test_an_exact_key_excludes_plans_for_more_targets(cache: Path) -> None:
    plan = make_plan(cache)
    one = make_key(targets=("SM86",))
    assert find_key(one, cache) == plan
    assert find_key(one, cache, exact=True) is None
    assert find_key(make_key(), cache, exact=True) == plan


def test_all_plans_are_listed_also_refused_ones_with_the_reason(cache: Path) -> None:
    whole, cut, alone = (
        make_plan(cache, name.encode(), version=name) for name in ("whole", "cut", "alone")
    )
    cut.path.write_bytes(b"")
    side_path(alone.path).unlink()
    cache.joinpath(".draft.plan").write_bytes(b"hidden")
    listed = {stored.path: stored for stored in list_plans()}
    assert set(listed) == {whole.path, cut.path, alone.path}
    assert listed[whole.path].refusal is None
    assert listed[whole.path].side is not None
    assert "0 bytes instead of 3" in str(listed[cut.path].refusal)
    assert listed[cut.path].side is not None
    assert "no such file" in str(listed[alone.path].refusal)
    assert listed[alone.path].side is None


def test_folders_may_be_named_and_a_plan_is_listed_once(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    assert [stored.path for stored in list_plans(tmp_path, tmp_path)] == [plan.path]
