import json
from pathlib import Path

import pytest
import torch

from engines.errors import UsageError
from offline.training.run_folder import CHECKPOINT, WEIGHTS, RunFolder

CONFIG = {"method": "spotformer", "model": {"width": 8}, "seed": 1}


def test_a_new_run_records_its_configuration_and_environment(tmp_path: Path):
    run = RunFolder.start(tmp_path / "run", CONFIG)
    assert run.config() == CONFIG
    environment = json.loads((run.path / "environment.json").read_text(encoding="utf-8"))
    assert environment["packages"]["torch"] == torch.__version__.partition("+")[0] or environment[
        "packages"
    ]["torch"].startswith(torch.__version__.partition("+")[0])
    assert environment["cores"] >= 1


def test_the_same_configuration_goes_on_and_another_is_refused(tmp_path: Path):
    RunFolder.start(tmp_path, CONFIG)
    RunFolder.start(tmp_path, CONFIG)
    with pytest.raises(UsageError, match=r"another seed.*--resume"):
        RunFolder.start(tmp_path, {**CONFIG, "seed": 2})
    assert RunFolder.start(tmp_path, {**CONFIG, "seed": 2}, resume=True).config()["seed"] == 2


def test_another_model_is_refused_even_with_resume(tmp_path: Path):
    RunFolder.start(tmp_path, CONFIG)
    with pytest.raises(UsageError, match="another model"):
        RunFolder.start(tmp_path, {**CONFIG, "model": {"width": 9}}, resume=True)


def test_a_run_that_an_earlier_version_began_goes_on_where_a_new_setting_is_at_its_default(
    tmp_path: Path,
):
    defaults = {"model": {"width": 256, "pooling": "local", "nodes": ("a", "b")}, "loss": {"w": 1}}
    now = {**CONFIG, "model": {"width": 8, "pooling": "local", "nodes": ("a", "b")}}
    now["loss"] = {"w": 1}
    RunFolder.start(tmp_path, CONFIG)
    run = RunFolder.start(tmp_path, now, defaults=defaults)
    assert run.config() == json.loads(json.dumps(now))
    for path, other in (
        ("pooling", {**now, "model": {**now["model"], "pooling": "global"}}),
        ("loss", {**now, "loss": {"w": 2}}),
    ):
        old = tmp_path / path
        RunFolder.start(old, CONFIG)
        with pytest.raises(UsageError, match="another"):
            RunFolder.start(old, other, defaults=defaults)
    with pytest.raises(UsageError, match="another model"):
        RunFolder.start(tmp_path / "loss", now)


def test_commands_are_kept_each_once_and_are_no_setting(tmp_path: Path):
    RunFolder.start(tmp_path, CONFIG, command="train --seed 1")
    RunFolder.start(tmp_path, CONFIG, command="train --seed 1 --threads 2")
    RunFolder.start(tmp_path, CONFIG, command="train --seed 1")
    RunFolder.start(tmp_path, CONFIG)
    stored = RunFolder.existing(tmp_path).config()
    assert stored == {**CONFIG, "commands": ["train --seed 1", "train --seed 1 --threads 2"]}


def test_a_folder_of_other_things_is_refused(tmp_path: Path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="something other than a run"):
        RunFolder.start(tmp_path, CONFIG)
    with pytest.raises(UsageError, match="not a run folder"):
        RunFolder.existing(tmp_path)


def test_checkpoints_and_weights_come_back_as_they_were(tmp_path: Path):
    run = RunFolder.start(tmp_path, CONFIG)
    assert run.load_checkpoint() is None
    run.save_checkpoint({"step": 3, "model": {"a": torch.arange(3.0)}})
    state = run.load_checkpoint()
    assert state is not None
    assert state["step"] == 3
    run.save_weights({"a": torch.eye(2).T})
    torch.testing.assert_close(run.load_weights()["a"], torch.eye(2))
    assert not list(tmp_path.glob("*.partial"))


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path):
    run = RunFolder.start(tmp_path, CONFIG)
    torch.save({"step": Path("x")}, tmp_path / CHECKPOINT)
    with pytest.raises(UsageError, match="not a readable checkpoint"):
        run.load_checkpoint()


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_damaged_weights_are_refused_in_one_line(tmp_path: Path, content: bytes):
    run = RunFolder.start(tmp_path, CONFIG)
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(UsageError, match="no readable weights"):
        run.load_weights()
