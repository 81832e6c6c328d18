"""``fes-offline extract --ray``."""

import json
from pathlib import Path

import pytest

from engines.console import run_command
from offline.cli import cli
from tests.offline.loso.loso_makers import files_of
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = [shot.image for shot in film([], 12)]
    out = tmp_path / "videos"
    out.mkdir()
    write_film(out / "a.mkv", images)
    write_film(out / "b.mkv", images[::-1])
    (out / "bad.mp4").write_text("no video")
    (out / "truth.csv").write_text("video,kind,onset,apex,offset,subject\na,micro,2,4,6,anna\n")
    return out


def test_a_cluster_writes_the_files_and_the_summary_of_one_process(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray", reason="the extra 'cluster' is not installed")
    documents = []
    for name, options in (("here", []), ("cluster", ["--ray", "local"])):
        out = str(tmp_path / name)
        assert run_command(cli, ["extract", str(folder), "--out", out, "--json", *options]) == 0
        documents.append(json.loads(capfd.readouterr().out))
    assert documents[1] == {**documents[0], "out": str(tmp_path / "cluster")}
    assert documents[1]["extracted"] == 2
    assert [failed["video"] for failed in documents[1]["failed"]] == ["bad"]
    assert files_of(tmp_path / "cluster") == files_of(tmp_path / "here")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--ray", "nowhere"], "--ray nowhere: give HOST:PORT"),
        (["--ray", "local", "--workers", "2"], "--workers is of this machine"),
    ],
)
def test_what_cannot_be_honoured_is_refused_in_one_line(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    if "nowhere" in options:
        pytest.importorskip("ray")
    out = tmp_path / "features"
    assert run_command(cli, ["extract", str(folder), "--out", str(out), *options]) == 2
    err = capfd.readouterr().err
    assert said in err
    assert len([line for line in err.splitlines() if line.startswith("error:")]) == 1
    assert not out.exists()
