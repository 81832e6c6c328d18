"""``fes-offline train``."""

import json
import shlex
from pathlib import Path

from engines.console import run_command
from offline.commands.train import train
from offline.report.reading import open_runs
from offline.report.recipe import typed
from tests.offline.loso.loso_makers import write_features

TINY = [
    x
    for setting in (
        "model.width=8", "model.heads=2", "training.epochs=1", "training.steps_per_epoch=2",
        "training.segments=2", "training.segment_ticks=4", "training.plot_every=0",
    )
    for x in ("--set", setting)
]  # fmt: skip


def arguments(tmp_path: Path) -> list[str]:
    places = ["--data", str(tmp_path / "features"), "--out", str(tmp_path / "my run")]
    return ["--preset", "spotformer-paper", *places, *TINY, "--device", "cpu"]


def test_a_run_keeps_its_command_as_typed(tmp_path: Path) -> None:
    write_features(tmp_path / "features", "ab")
    for _ in range(2):
        assert run_command(train, arguments(tmp_path)) == 0
    command = "fes-offline train " + shlex.join(arguments(tmp_path))
    assert json.loads((tmp_path / "my run" / "config.json").read_text())["commands"] == [command]
    assert typed(open_runs([tmp_path / "my run"])[0]) == (command,)


def test_a_run_begun_before_a_setting_was_known_goes_on(tmp_path: Path, capsys) -> None:
    write_features(tmp_path / "features", "ab")
    assert run_command(train, arguments(tmp_path)) == 0
    path = tmp_path / "my run" / "config.json"
    config = json.loads(path.read_text())
    del config["model"]["architecture"], config["loss"], config["commands"]
    path.write_text(json.dumps(config))
    other = ["--set", "model.architecture=seq-st"]
    assert run_command(train, [*arguments(tmp_path), *other]) == 2
    assert "another model" in capsys.readouterr().err
    assert run_command(train, arguments(tmp_path)) == 0
    assert json.loads(path.read_text())["model"]["architecture"] == "simul-st"
