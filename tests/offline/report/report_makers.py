"""Run folders written by hand in the documented layout, with outcomes that can be counted."""

import json
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from offline.loso.folder import file_name
from offline.report.held_out import HeldOutFeatures, save_features
from offline.report.page import PageOptions, render
from offline.report.reading import open_runs

Rows = Sequence[tuple[object, ...]]
TICKS = 300

# s1: a micro label found, a macro label missed. s2: a macro label found, a proposal at nothing.
TRUTH: Rows = (
    ("v1", "s1", "micro", 10, 14, 19),
    ("v1", "s1", "macro", 100, 120, 149),
    ("v2", "s2", "macro", 50, 60, 89),
)
FOUND: Rows = (
    ("v1", "s1", "micro", 10, 14, 19, 0.9),
    ("v2", "s2", "macro", 50, 62, 89, 0.8),
    ("v2", "s2", "micro", 200, 204, 209, 0.7),
)
PEOPLE = (("v1", "s1", TICKS), ("v2", "s2", TICKS))
CONFIG: Mapping[str, object] = {
    "method": "spotformer",
    "model": {"width": 8, "heads": 2, "mlp_width": None},
    "loss": {},
    "training": {"epochs": 2},
    "selection": "last",
    "seed": 5,
    "data": {"videos": 2, "subjects": 2, "digest": "ab12"},
}


def write_loso(
    path: Path,
    *,
    dataset: str = "mine",
    truth: Rows = TRUTH,
    found: Rows = FOUND,
    people: Rows = PEOPLE,
    config: Mapping[str, object] = CONFIG,
    features: bool = True,
) -> Path:
    """Write a finished LOSO run whose networks need not exist."""
    write_json(path / "config.json", config)
    write_json(path / "environment.json", {"python": "3.11.7", "packages": {"torch": "2.6.0"}})
    data = {"name": dataset, "imputation": "mirror (4 offsets)"}
    write_json(path / "result.json", {"data": data, "warnings": []})
    write_csv(path / "truth.csv", "video,subject,kind,onset,apex,offset", truth)
    write_csv(path / "predictions.csv", "video,subject,kind,onset,apex,offset,score", found)
    write_csv(path / "subjects.csv", "video,subject,ticks", people)
    for video, subject, ticks in people:
        write_fold(path, str(subject), features)
        write_scores(path, str(subject), str(video), int(str(ticks)))
    return path


def write_fold(path: Path, subject: str, features: bool = True, finished: bool = True) -> Path:
    fold = path / "folds" / file_name(subject)
    epochs = [{"epoch": float(n), "total": 1.0 / n, "seconds": 2.0} for n in (1, 2)]
    write_text(fold / "metrics.jsonl", "".join(json.dumps(e) + "\n" for e in epochs))
    write_json(fold / "selection.json", {"rule": "last", "meaning": "last epoch", "epoch": 2})
    if finished:
        write_csv(fold / "predictions.csv", "video,subject,kind,onset,apex,offset,score", ())
    if features:
        save_features(fold / "features.npz", some_features())
    return fold


def write_scores(path: Path, subject: str, video: str, ticks: int) -> None:
    names = [f"{kind}_{part}" for kind in ("micro", "macro")
             for part in ("onset", "offset", "apex", "expression")]  # fmt: skip
    rng = np.random.default_rng(0)
    curves = {name: rng.random(ticks, np.float32) for name in names}
    for curve in curves.values():
        curve[30:40] = np.nan
    target = path / "folds" / file_name(subject) / "scores" / f"{file_name(video)}.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(target, scored=np.ones(ticks, np.bool_), **curves)


def write_training(path: Path, epochs: int = 2) -> Path:
    """Write an ordinary training run of two epochs, of which some are done."""
    config = {k: v for k, v in CONFIG.items() if k not in {"selection", "data"}}
    write_json(path / "config.json", {**config, "data": [{"name": "simulated", "share": 0.5}]})
    write_json(path / "environment.json", {"python": "3.11.7"})
    lines = [{"epoch": float(n), "total": 1.0 / n, "val_f1": 0.25} for n in range(1, epochs + 1)]
    write_text(path / "metrics.jsonl", "".join(json.dumps(e) + "\n" for e in lines))
    return path


def some_features() -> HeldOutFeatures:
    features = np.random.default_rng(1).normal(size=(30, 4)).astype(np.float32)
    return HeldOutFeatures(features, np.repeat(np.arange(3), 10))


def write_json(path: Path, value: Mapping[str, object]) -> None:
    write_text(path, json.dumps(value))


def write_csv(path: Path, header: str, rows: Rows) -> None:
    write_text(path, "".join(f"{line}\n" for line in [header, *(_line(row) for row in rows)]))


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _line(row: tuple[object, ...]) -> str:
    return ",".join('"' + str(cell).replace('"', '""') + '"' for cell in row)


def page_of(*paths: Path, options: PageOptions | None = None) -> str:
    return render(open_runs(paths), options or PageOptions())


class Outline(HTMLParser):
    """What a page holds: its elements, its addresses, its text by element, and open elements."""

    EMPTY = frozenset(("meta",))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in {"href", "src", "xlink:href"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, *beginning: str) -> list[str]:
        """The one row that begins with these cells."""
        (found,) = [row for row in self.rows if tuple(row[: len(beginning)]) == beginning]
        return found
