"""``fes-offline extract --source i3d`` with the real flow and networks, on few frames."""

import json

import numpy as np
import pytest
import torch

from engines.console import run_command
from offline.cli import cli
from offline.snippets.store import load_snippet_folder
from tests.offline.i3d.published import published_state
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other crawl where other programs hold the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "videos" / "a.mkv"
    path.parent.mkdir()
    image = film([], 1)[0].image
    write_film(path, [np.roll(image, 3 * k, axis=1) for k in range(3)])
    return path


def test_random_weights_are_named_wherever_their_features_are(video, tmp_path, capfd):
    arguments = ["extract", str(video), "--source", "i3d", "--i3d-random", "3", "--snippet", "2"]
    arguments += ["--out", str(tmp_path / "out"), "--json"]
    assert run_command(cli, arguments) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["extracted"] == 1
    assert json.loads(document["settings"])["source"] == "i3d-random-3"
    (record,) = load_snippet_folder(tmp_path / "out")
    assert record.source == "i3d-random-3"
    assert record.streams.shape == (2, 1, 1024)
    assert record.streams.any(axis=2).all()
    assert run_command(cli, arguments) == 0
    assert json.loads(capfd.readouterr().out)["present"] == 1


def test_published_checkpoints_are_read(video, tmp_path, capfd):
    files = []
    for name, channels in (("rgb", 3), ("flow", 2)):
        torch.save(published_state(channels), tmp_path / f"{name}.pt")
        files += [f"--i3d-{name}", str(tmp_path / f"{name}.pt")]
    arguments = ["extract", str(video), "--source", "i3d", "--snippet", "2", *files]
    arguments += ["--i3d-region", "face"]
    assert run_command(cli, [*arguments, "--out", str(tmp_path / "out")]) == 0
    (record,) = load_snippet_folder(tmp_path / "out")
    assert record.source == "i3d"
    assert record.valid.tolist() == [True]
    swapped = [files[0], files[3], files[2], files[1]]
    arguments = ["extract", str(video), "--source", "i3d", *swapped, "--out", str(tmp_path / "no")]
    assert run_command(cli, arguments) == 4
    assert (
        "no I3D of rgb: Conv3d_1a_7x7.conv3d.weight is (64, 2, 7, 7, 7)" in capfd.readouterr().err
    )
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--source", "i3d"], 2, "--i3d-random SEED"),
        (["--source", "i3d", "--i3d-rgb", "no.pt", "--i3d-flow", "no.pt"], 4, "no.pt"),
        (["--source", "i3d", "--i3d-random", "1", "--snippet", "1"], 2, "2 to 256 frames"),
        (["--source", "i3d", "--i3d-random", "1", "--device", "abacus"], 2, "--device abacus"),
        (["--source", "i3d", "--i3d-random", "1", "--window", "17"], 2, "--source sw-mro"),
        (["--i3d-random", "1"], 2, "--i3d-random belongs to --source i3d"),
    ],
)
def test_options_that_do_not_fit_are_one_line(video, tmp_path, capfd, options, code, reason):
    out = tmp_path / "out"
    assert run_command(cli, ["extract", str(video), "--out", str(out), *options]) == code
    error = capfd.readouterr().err.strip()
    assert reason in error
    assert "\n" not in error
    assert not out.exists()
