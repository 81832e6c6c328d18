"""The side file of a plan: its key, its size and its hash, as strict JSON."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Self

from engines.errors import ModelError
from engines.files import read_regular
from engines.strict import Table, read_json
from engines.tensorrt.key import SHA256, PlanKey
from engines.text import shown

SCHEMA: Final = 1
"""Version of the side file's layout; another one is refused."""

MAX_SIDE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Side:
    """What a side file says.

    Attributes
    ----------
    model, model_version
        Name and version in the model's manifest, for people.
    key
        What the plan was built from and for.
    sha256, size
        Of the plan file: hexadecimal, and bytes.
    schema
        Version of this layout.
    """

    model: str
    model_version: str
    key: PlanKey
    sha256: str
    size: int
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the side file's text."""
        return json.dumps(asdict(self) | {"key": self.key.to_dict()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """Read a side file's text; every key must be known, present and of the right type.

        Raises
        ------
        ModelError
            If the text is not one that this version can honour.
        """
        data = read_json(text, where)
        schema = data.get("schema") if isinstance(data, dict) else None
        if schema != SCHEMA or isinstance(schema, bool):
            raise ModelError(
                f"{where} has layout {shown(schema)}, this version reads {SCHEMA}; "
                "build the plan again"
            )
        table = Table(data, where, tuple(f.name for f in fields(cls)))
        if SHA256.fullmatch(table.text("sha256")) is None:
            raise ModelError(f"{where} sha256 must be 64 hexadecimal digits")
        return cls(
            table.text("model"),
            table.text("model_version"),
            PlanKey.from_json(table.raw("key"), f"{where} key"),
            table.text("sha256"),
            table.whole("size"),
        )


def side_path(plan: Path) -> Path:
    """Return where a plan's side file is: ``NAME.plan`` has ``NAME.plan.json``."""
    return plan.with_name(f"{plan.name}.json")


def read_side(plan: Path) -> Side:
    """Read the side file of a plan; the plan itself is not looked at.

    Raises
    ------
    ModelError
        If there is none, or it cannot be honoured.
    """
    path = side_path(plan)
    where = f"plan {plan}: its side file"
    content = read_regular(path, MAX_SIDE_BYTES, f"{where} {path.name}")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ModelError(f"{where} is not UTF-8 text") from error
    return Side.from_json(text, where)
