"""Modules that are imported when something is used of them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.faces.deferred import deferred

PACKAGE = {"__init__.py": "loaded = True\n", "inner.py": "answer = 42\n"}


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package that nobody has imported."""
    folder = tmp_path / "heavy_package"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder.name
    for name in [n for n in sys.modules if n.split(".")[0] == folder.name]:
        del sys.modules[name]


def test_a_deferred_module_is_imported_at_its_first_use(heavy: str) -> None:
    with deferred(heavy, f"{heavy}.inner"):
        from heavy_package import inner  # type: ignore[import-not-found]  # noqa: PLC0415
    assert heavy not in sys.modules
    assert inner.answer == 42
    assert sys.modules[f"{heavy}.inner"].answer == 42


def test_a_module_that_is_used_inside_the_block_is_imported_there(heavy: str) -> None:
    with deferred(heavy, f"{heavy}.inner"):
        from heavy_package import inner  # type: ignore[import-not-found]  # noqa: PLC0415

        assert inner.answer == 42
        assert sys.modules[heavy].loaded


def test_whoever_imports_it_later_gets_the_real_one(heavy: str) -> None:
    with deferred(heavy):
        import heavy_package as stand_in  # noqa: PLC0415
    import heavy_package  # noqa: PLC0415

    assert heavy_package is not stand_in
    assert heavy_package.loaded


def test_a_module_that_is_already_there_is_left_alone() -> None:
    before = sys.modules["subprocess"]
    with deferred("subprocess"):
        assert sys.modules["subprocess"] is before
    assert sys.modules["subprocess"] is before


def test_a_module_that_is_not_there_fails_when_it_is_used() -> None:
    with deferred("no_such_module"):
        import no_such_module  # type: ignore[import-not-found]  # noqa: PLC0415
    with pytest.raises(ImportError):
        _ = no_such_module.anything


def test_the_face_mesh_is_loaded_without_plotting_and_sound() -> None:
    code = (
        "import sys; from realtime.faces.tracker import open_tracker; open_tracker().close(); "
        "print([n for n in ('matplotlib', 'sounddevice', 'jax') if n in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"
