"""A training run's settings: TOML presets, overrides, and their strict reading."""

import dataclasses
import tomllib
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, cast, get_args, get_origin, get_type_hints

from engines.errors import UsageError
from offline.gim.settings import GimSettings
from offline.mcwes.settings import McWesSettings
from offline.pwes.settings import PwesSettings
from offline.snippets.reads import Reads
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.losses import LossConfig
from offline.training.config import TrainingConfig

Table = Mapping[str, object]
Section = TypeVar("Section")
METHOD: Final = "method"
"""Key of a preset that names its method; absent from SpotFormer's."""

NO_VALUE: Final = "none"
"""What stands for None on the command line, since TOML has no null."""


@dataclass(frozen=True, slots=True)
class SpotFormerSettings:
    """Everything that shapes a SpotFormer run but its data and seed."""

    model: SpotFormerConfig = field(default_factory=SpotFormerConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    @property
    def method(self) -> str:
        """Name of the method."""
        return "spotformer"

    @property
    def window(self) -> int:
        """Ticks of the windows that features are measured with."""
        return self.model.window

    @property
    def files(self) -> Reads:
        """Feature files that are read."""
        return Reads(self.window)

    @property
    def reads(self) -> str:
        """What the network reads, in words."""
        return self.model.reads


Settings: TypeAlias = SpotFormerSettings | GimSettings | McWesSettings | PwesSettings
"""Everything that shapes a run of some method but its data and seed."""

SETTINGS: Final[
    Mapping[
        str,
        type[SpotFormerSettings] | type[GimSettings] | type[McWesSettings] | type[PwesSettings],
    ]
] = {
    "spotformer": SpotFormerSettings,
    "gim": GimSettings,
    "mc-wes": McWesSettings,
    "pwes": PwesSettings,
}
"""Settings of each method by its name."""


def load_settings(
    preset: str, overrides: Sequence[str] = (), method: str | None = None
) -> Settings:
    """Return the settings of a preset, with overrides.

    Parameters
    ----------
    preset
        Name of a preset of this package (``spotformer-paper``), or a TOML file.
    overrides
        ``section.key=value`` each, the value as in TOML, a bare word being a string.
    method
        Whose settings are wanted; None takes what the preset names, or SpotFormer.

    Raises
    ------
    UsageError
        For an unknown preset, section or key, a value of another type, or a preset of another
        method.
    """
    table = _merge(_read(preset), overrides)
    named = table.pop(METHOD, None)
    if named is not None and named not in SETTINGS:
        raise UsageError(f"preset {preset}: method {named!r} is none of {', '.join(SETTINGS)}")
    if method is not None and named is not None and named != method:
        raise UsageError(f"preset {preset}: is for {named}, not {method}; name another preset")
    return build(SETTINGS[method or str(named or "spotformer")], table, f"preset {preset}")


def with_training(settings: Settings, keep_every: int, validate_every: int) -> Settings:
    """Return settings that keep and validate other epochs."""
    if isinstance(settings, SpotFormerSettings):
        spotformer = dataclasses.replace(
            settings.training, keep_every=keep_every, validate_every=validate_every
        )
        return dataclasses.replace(settings, training=spotformer)
    if isinstance(settings, GimSettings):
        gim = dataclasses.replace(
            settings.training, keep_every=keep_every, validate_every=validate_every
        )
        return dataclasses.replace(settings, training=gim)
    if isinstance(settings, PwesSettings):
        pwes = dataclasses.replace(
            settings.training, keep_every=keep_every, validate_every=validate_every
        )
        return dataclasses.replace(settings, training=pwes)
    mc_wes = dataclasses.replace(
        settings.training, keep_every=keep_every, validate_every=validate_every
    )
    return dataclasses.replace(settings, training=mc_wes)


def preset_names() -> list[str]:
    """Return the names of the presets that come with this package."""
    folder = resources.files("offline") / "presets"
    return sorted(
        e.name.removesuffix(".toml") for e in folder.iterdir() if e.name.endswith(".toml")
    )


def _read(preset: str) -> dict[str, object]:
    entry = resources.files("offline") / "presets" / f"{preset}.toml"
    if "/" not in preset and entry.is_file():
        text = entry.read_text(encoding="utf-8")
    elif Path(preset).is_file():
        text = Path(preset).read_text(encoding="utf-8")
    else:
        names = ", ".join(preset_names())
        raise UsageError(f"preset {preset}: not a file, and not one of {names}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"preset {preset}: not valid TOML: {error}") from error


def _merge(table: dict[str, object], overrides: Sequence[str]) -> dict[str, object]:
    merged = {k: dict(v) if isinstance(v, dict) else v for k, v in table.items()}
    for override in overrides:
        path, equals, value = override.partition("=")
        section, dot, key = path.strip().partition(".")
        if not (equals and dot and key):
            raise UsageError(f"--set {override}: write section.key=value")
        inner = merged.setdefault(section, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {override}: {section} is not a section")
        inner[key] = _parse(value.strip())
    return merged


def _parse(value: str) -> object:
    if value.lower() == NO_VALUE:
        return None
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def build(kind: type[Section], table: Table, where: str) -> Section:
    """Return a settings dataclass from a table; nested dataclasses are sections.

    Raises
    ------
    UsageError
        For an unknown key or a value of another type, naming ``where``.
    """
    hints = get_type_hints(kind)
    unknown = sorted(set(table) - set(hints))
    if unknown:
        raise UsageError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(hints)}")
    values = {key: _convert(hints[key], value, f"{where}: {key}") for key, value in table.items()}
    return kind(**values)


def _convert(hint: object, value: object, where: str) -> object:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise UsageError(f"{where} must be a section")
        return build(hint, cast(Table, value), where)
    options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for option in options:
        if _fits(option, value):
            return _cast(option, value)
    names = " or ".join(
        getattr(o, "__name__", str(o)).replace("NoneType", NO_VALUE) for o in options
    )
    raise UsageError(f"{where} must be {names}, not {value!r}")


def _fits(option: object, value: object) -> bool:
    if get_origin(option) is tuple:
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if option is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, cast(type, option))


def _cast(option: object, value: object) -> object:
    if get_origin(option) is tuple:
        return tuple(cast(Sequence[str], value))
    return float(cast(float, value)) if option is float else value
