"""Decoder rules by name."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Final

from engines.decoding import Rules, rules_of
from engines.errors import UsageError

PAPER: Final = "paper"


def load_rules(name: str, method: str = "spotformer") -> Rules:
    """Return decoder rules of a method.

    Parameters
    ----------
    name
        ``paper``, a file of the package's ``presets/decoders`` without its suffix, or a TOML file.
        The package's files of other methods than SpotFormer are called ``METHOD-NAME`` in full
        and ``NAME`` here.
    method
        Whose rules they are.

    Raises
    ------
    UsageError
        If there is no such file, or it holds no rules.
    """
    if name == PAPER:
        return rules_of(method, {})
    file = name if method == "spotformer" else f"{method}-{name}"
    entry = resources.files("offline") / "presets" / "decoders" / f"{file}.toml"
    try:
        known = "/" not in name and entry.is_file()
        text = (entry if known else Path(name)).read_text(encoding="utf-8")
        return rules_of(method, tomllib.loads(text))
    except (OSError, ValueError) as error:
        raise UsageError(f"--decoder {name}: no decoder rules: {error}") from error
