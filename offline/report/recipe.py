"""From the files of a run back to the command and the settings that repeat it."""

import json
import shlex
from collections.abc import Mapping
from typing import Final

from offline.report.run_data import Run
from offline.report.values import plain, section
from offline.training.changes import commands_of

NO_BAR: Final = "none"
_SETTINGS: Final = (
    "snippets", "model", "head", "mining", "contrast", "loss", "training",
)  # fmt: skip
_PLAIN: Final = "spotformer"
"""The method that a preset need not name."""


def typed(run: Run) -> tuple[str, ...]:
    """Return the commands that made a run, as typed; none where an older version kept none."""
    return tuple(commands_of(run.config))


def command(run: Run) -> str:
    """Return a command that repeats a run; names in capitals stand for what a file cannot know."""
    words = _loso_words(run) if run.loso else _train_words(run)
    for name in ("seed", "threads", "device"):
        if name in run.config:
            words += [f"--{name}", plain(run.config[name])]
    words += _points_words(run) + _labels_words(run)
    start = run.config.get("start_from")
    if start is not None:
        words += [
            "--start-from",
            plain(start.get("name")) if isinstance(start, Mapping) else plain(start),
        ]
    return shlex.join([*words, "--out", "OUT"])


def settings_toml(run: Run) -> str:
    """Return all settings of the method as a preset file."""
    method = run.config.get("method")
    named = {"method": method} if isinstance(method, str) and method != _PLAIN else {}
    return to_toml({**named, **{name: section(run.config, name) for name in _SETTINGS}})


def decoder_toml(run: Run) -> str:
    """Return the rules of the decoder as a file; empty where the run has none."""
    return to_toml(section(run.config, "decoder"))


def to_toml(table: Mapping[str, object], prefix: str = "") -> str:
    """Return a table of values, lists of values and sections as TOML.

    A value that is None is left out: TOML has none, and settings take it where a key is missing.
    """
    lines = []
    for key, value in table.items():
        if value is not None and not isinstance(value, Mapping):
            lines.append(f"{key} = {_value(value)}")
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            lines += ["", f"[{prefix}{key}]", to_toml(value, f"{prefix}{key}.").rstrip("\n")]
    return "\n".join(lines).strip("\n") + "\n" if lines else ""


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _points_words(run: Run) -> list[str]:
    points = section(run.config, "points")
    if "from_truth" in points:
        return ["--points-from-truth", plain(points["from_truth"])]
    return ["--points", plain(points["file"])] if "file" in points else []


def _labels_words(run: Run) -> list[str]:
    labels = section(run.config, "video_labels")
    return ["--video-labels", plain(labels["file"])] if "file" in labels else []


def _loso_words(run: Run) -> list[str]:
    words = ["fes-offline", "loso"]
    rule = str(run.data.get("imputation", "")).partition(" ")[0]
    if "imputed" in run.data:
        words += ["--dataset", run.dataset, "--root", "ROOT", "--impute", rule]
    else:
        words += ["--data", "FEATURES"]
    words += ["--method", plain(run.config.get("method")), "--preset", "settings.toml"]
    words += ["--decoder", "decoder.toml"] if section(run.config, "decoder") else []
    words += ["--top", plain(run.config["top"])] if run.config.get("top") else []
    if run.config.get("bar", NO_BAR) != NO_BAR:
        words += ["--bar", plain(run.config["bar"])]
    return [*words, "--selection", run.selection] if run.selection else words


def _train_words(run: Run) -> list[str]:
    sources = run.config.get("data")
    parts = [f"{source.get('name')}={plain(source.get('share'))}"
             for source in (sources if isinstance(sources, list) else [])
             if isinstance(source, Mapping)]  # fmt: skip
    data = ",".join(parts) or "DATA"
    method = plain(run.config.get("method"))
    return ["fes-offline", "train", "--method", method, "--preset", "settings.toml", "--data", data]
