"""``fes-offline loso`` with two workers, whose parent alone is interrupted."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import torch

from engines.console import run_command
from offline.commands.loso import loso
from offline.loso.folder import FoldFolder, LosoFolder
from tests.offline.loso.loso_makers import files_of, write_features
from tests.offline.work.waiting import wait_for

STEPS = 30
TINY = [
    x
    for setting in (
        "model.width=8", "model.heads=2", "training.epochs=2", f"training.steps_per_epoch={STEPS}",
        "training.segments=2", "training.segment_ticks=4", "training.plot_every=0",
    )
    for x in ("--set", setting)
]  # fmt: skip
PROGRAM = "from offline.cli import main; main()"


def arguments(tmp_path: Path, out: str) -> list[str]:
    places = ["--data", str(tmp_path / "features"), "--out", str(tmp_path / out)]
    return [*places, *TINY, "--device", "cpu"]


def test_workers_save_the_step_in_hand_and_the_same_command_goes_on_to_the_same_figures(
    tmp_path: Path,
) -> None:
    write_features(tmp_path / "features", "abc")
    folder = LosoFolder(tmp_path / "parts")
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "loso", *arguments(tmp_path, "parts"), "--workers", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    at_work = [folder.fold(subject) for subject in "ab"]

    def trained() -> list[FoldFolder]:
        return [fold for fold in at_work if (fold.path / "metrics.jsonl").is_file()]

    wait_for(lambda: bool(trained()))
    begun = trained()
    workers = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGINT)
    _, log = child.communicate(timeout=120)
    assert child.returncode == 130
    assert "Traceback" not in log
    wait_for(lambda: not any(worker.is_running() for worker in workers))
    assert not any(fold.finished for fold in at_work)
    for fold in begun:
        saved = torch.load(fold.path / "checkpoint.pt", weights_only=True)["step"]
        assert STEPS <= saved < 2 * STEPS
        assert f"interrupted at step {saved} of {2 * STEPS}, saved" in log
    assert not folder.fold("c").path.exists()
    for out in ("parts", "whole"):
        assert run_command(loso, arguments(tmp_path, out)) == 0
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "whole")
