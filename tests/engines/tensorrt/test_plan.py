import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engines.errors import ModelError
from engines.tensorrt import plan as plan_module
from engines.tensorrt.plan import Plan, read_plan
from engines.tensorrt.side import MAX_SIDE_BYTES, side_path
from tests.engines.tensorrt.plan_makers import make_key, make_plan


def change_side(plan: Plan, change: Callable[[dict[str, object]], object]) -> None:
    path = side_path(plan.path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = make_plan(tmp_path / "new" / "folder", b"\0plan\n")
    assert read_plan(written.path) == written
    assert written.content == b"\0plan\n"
    assert written.key == make_key()


def test_the_side_file_says_what_the_plan_is(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    side = json.loads(side_path(plan.path).read_text())
    assert (side["schema"], side["model"], side["model_version"]) == (1, "tiny", "1.2.3")
    assert side["key"]["targets"] == ["SM80", "SM86"]
    assert side["size"] == len(plan.content)


def test_nothing_but_the_plan_and_its_side_file_is_left(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    assert set(tmp_path.iterdir()) == {plan.path, side_path(plan.path)}


def test_a_later_plan_of_the_same_key_replaces_the_earlier_one(tmp_path: Path) -> None:
    old, other = make_plan(tmp_path, b"old"), make_plan(tmp_path, b"other", precision="fp32")
    old.path.with_name(f"{old.path.name}.cache").write_bytes(b"kernels")
    os.utime(old.path, (1, 1))
    new = make_plan(tmp_path, b"new")
    kept = {new.path, other.path}
    assert set(tmp_path.iterdir()) == kept | {side_path(path) for path in kept}


@pytest.mark.parametrize("kinds", [1, 16])
def test_plans_written_at_the_same_time_are_all_whole(kinds: int, tmp_path: Path) -> None:
    contents = [bytes([number % kinds]) * 100_000 for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        plans = list(pool.map(lambda content: make_plan(tmp_path, content), contents))
    left = sorted(tmp_path.glob("*.plan"))
    assert left
    assert set(left) <= {plan.path for plan in plans}
    assert all(read_plan(path).content in contents for path in left)
    assert {path.suffix for path in tmp_path.iterdir()} == {".plan", ".json"}


def test_a_truncated_plan_is_refused(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, bytes(1000))
    plan.path.write_bytes(bytes(600))
    with pytest.raises(ModelError, match="has 600 bytes instead of 1000, as of a broken copy"):
        read_plan(plan.path)


def test_a_plan_of_another_content_is_refused(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, b"good")
    plan.path.write_bytes(b"evil")
    with pytest.raises(ModelError, match="its hash is not that of its side file"):
        read_plan(plan.path)


def test_a_plan_without_a_side_file_is_refused(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    side_path(plan.path).unlink()
    with pytest.raises(ModelError, match=r"its side file .*\.plan\.json: no such file"):
        read_plan(plan.path)


def test_an_absent_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.plan: no such file"):
        read_plan(tmp_path / "none.plan")


def test_a_pipe_in_place_of_a_plan_is_refused_without_waiting(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    plan.path.unlink()
    os.mkfifo(plan.path)
    with pytest.raises(ModelError, match="a device or a pipe"):
        read_plan(plan.path)


def test_a_plan_above_the_limit_is_neither_read_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(tmp_path, bytes(11))
    monkeypatch.setattr(plan_module, "MAX_BYTES", 10)
    with pytest.raises(ModelError, match="11 bytes is above the limit of 10"):
        read_plan(plan.path)
    with pytest.raises(ModelError, match="12 bytes is not within 1 to 10"):
        make_plan(tmp_path / "new", bytes(12))
    assert not tmp_path.joinpath("new").exists()


def test_an_empty_plan_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="0 bytes"):
        make_plan(tmp_path / "new", b"")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda side: side.update(schema=2), "layout 2, this version reads 1"),
        (lambda side: side.update(schema=True), "layout True"),
        (lambda side: side.update(extra=1), "has unknown extra"),
        (lambda side: side.pop("sha256"), "lacks sha256"),
        (lambda side: side.update(sha256="0"), "64 hexadecimal digits"),
        (lambda side: side.update(size="6"), "size must be a whole number"),
        (lambda side: side.update(size=-6), "size must be a whole number"),
        (lambda side: side["key"].update(gpu="any"), "key has unknown gpu"),
        (lambda side: side["key"].update(precision="int8"), "precision must be one of"),
        (lambda side: side["key"]["batch"].update(least=33), "least <= usual <= most"),
        (lambda side: side.update(key=None), "key is not a JSON object"),
    ],
)
def test_a_side_file_of_another_form_is_refused(
    change: Callable[[dict[str, object]], object], reason: str, tmp_path: Path
) -> None:
    plan = make_plan(tmp_path)
    change_side(plan, change)
    with pytest.raises(ModelError, match=reason) as caught:
        read_plan(plan.path)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[" * 20_000, "is not JSON|nested"),
        (b" " * (MAX_SIDE_BYTES + 1), "above the limit"),
        (b"[1]", "layout None"),
    ],
)
def test_a_side_file_that_is_no_such_json_is_refused(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    plan = make_plan(tmp_path)
    side_path(plan.path).write_bytes(content)
    with pytest.raises(ModelError, match=reason):
        read_plan(plan.path)


def test_a_folder_that_cannot_be_written_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("in the way")
    with pytest.raises(ModelError, match=r"cannot be written: .*; name another folder"):
        make_plan(tmp_path / "file")


def test_a_failure_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def fail_for_plans(self: Path, target: Path) -> Path:
        if target.suffix == ".plan":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_for_plans)
    with pytest.raises(ModelError, match="No space left on device"):
        make_plan(tmp_path)
    assert list(tmp_path.iterdir()) == []
