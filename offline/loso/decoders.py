"""Decoder rules by name."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Final

from engines.decoding.rules import DecoderRules
from engines.errors import UsageError

PAPER: Final = "paper"


def load_rules(name: str) -> DecoderRules:
    """Return decoder rules.

    Parameters
    ----------
    name
        ``paper``, a file of the package's ``presets/decoders`` without its suffix, or a TOML file.

    Raises
    ------
    UsageError
        If there is no such file, or it holds no rules.
    """
    if name == PAPER:
        return DecoderRules()
    entry = resources.files("offline") / "presets" / "decoders" / f"{name}.toml"
    try:
        known = "/" not in name and entry.is_file()
        text = (entry if known else Path(name)).read_text(encoding="utf-8")
        return DecoderRules.from_dict(tomllib.loads(text))
    except (OSError, ValueError) as error:
        raise UsageError(f"--decoder {name}: no decoder rules: {error}") from error
