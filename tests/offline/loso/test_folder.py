import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from offline.loso.folder import LosoFolder, file_name

CONFIG = {"method": "spotformer", "seed": 1, "data": {"digest": "d"}}


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_any_name_becomes_one_file_name_and_comes_back(name: str) -> None:
    quoted = file_name(name)
    assert unquote(quoted) == name
    assert "/" not in quoted
    assert "\\" not in quoted
    assert not quoted.startswith(".")


def test_the_same_configuration_goes_on_and_another_is_refused_in_one_line(tmp_path: Path) -> None:
    LosoFolder.start(tmp_path, CONFIG)
    LosoFolder.start(tmp_path, CONFIG)
    with pytest.raises(UsageError, match="another data, seed; choose") as refused:
        LosoFolder.start(tmp_path, {**CONFIG, "seed": 2, "data": {"digest": "e"}})
    assert "\n" not in str(refused.value)
    assert json.loads((tmp_path / "config.json").read_text()) == CONFIG


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="something other than a LOSO run"):
        LosoFolder.start(tmp_path, CONFIG)


def test_a_folder_that_holds_only_features_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    assert LosoFolder.start(tmp_path, CONFIG).fold("a").finished is False


def test_a_damaged_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(UsageError, match=r"config\.json"):
        LosoFolder.start(tmp_path, CONFIG)


def test_what_the_folds_ran_on_is_written_without_this_process_threads(tmp_path: Path) -> None:
    LosoFolder.start(tmp_path, CONFIG)
    environment = json.loads((tmp_path / "environment.json").read_text())
    assert environment["packages"]["torch"]
    assert environment["processor"]
    assert "threads" not in environment


def test_going_on_with_other_packages_is_warned_of(tmp_path: Path, caplog) -> None:
    LosoFolder.start(tmp_path, CONFIG)
    path = tmp_path / "environment.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "packages": {"torch": "1.0"}}))
    LosoFolder.start(tmp_path, CONFIG)
    assert "another packages" in caplog.text
