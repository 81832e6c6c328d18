"""What a plan was built from and for; a plan with another key is another plan."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Final, Self

from engines.contracts import MOST_ROWS, Contract
from engines.errors import ModelError
from engines.precision import PRECISIONS, Precision
from engines.strict import Table
from engines.tensorrt.distribution import DISTRIBUTIONS

SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BatchRange:
    """Windows per call that a plan takes: ``least`` to ``most``, fastest at ``usual``.

    Raises
    ------
    ValueError
        Unless ``1 <= least <= usual <= most``.
    """

    least: int = 1
    usual: int = 1
    most: int = 32

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.usual <= self.most:
            raise ValueError(
                f"a batch range needs 1 <= least <= usual <= most, not {self.least}, "
                f"{self.usual}, {self.most}"
            )

    def __str__(self) -> str:
        return f"{self.least} to {self.most}, usually {self.usual}"


DEFAULT_BATCH: Final = BatchRange()

SNIPPETS: Final = BatchRange(1, 256, MOST_ROWS)
"""Of the snippets of one video."""


def batch_of(contract: Contract, most: int | None = None) -> BatchRange:
    """Return the sizes that a plan takes, from one row on.

    Parameters
    ----------
    contract
        What its model reads.
    most
        Most rows in one call; by default 32 windows, 4096 snippets.
    """
    usual = SNIPPETS if contract.joint else DEFAULT_BATCH
    return usual if most is None else BatchRange(1, min(usual.usual, most), most)


@dataclass(frozen=True, slots=True)
class PlanKey:
    """Everything that decides whether a plan may be used.

    Attributes
    ----------
    model_sha256
        Hash of the whole model file, hexadecimal.
    distribution
        ``tensorrt`` or ``tensorrt-rtx``.
    version
        Of TensorRT; a plan is refused by any other.
    targets
        Of tensorrt-rtx the GPU generations, such as ``SM86``; of tensorrt the one GPU that it
        was built on, such as ``SM90 NVIDIA H200``.
    precision
        Number format of the network between its float32 input and outputs.
    batch
        Windows per call.

    Raises
    ------
    ValueError
        If a field is not of these forms.
    """

    model_sha256: str
    distribution: str
    version: str
    targets: tuple[str, ...]
    precision: Precision
    batch: BatchRange = DEFAULT_BATCH

    def __post_init__(self) -> None:
        if SHA256.fullmatch(self.model_sha256) is None:
            raise ValueError("model_sha256 must be 64 hexadecimal digits")
        if self.distribution not in DISTRIBUTIONS:
            raise ValueError(f"distribution must be one of {', '.join(DISTRIBUTIONS)}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}")
        if not self.version or not self.targets:
            raise ValueError("version and targets must not be empty")

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that stand for the whole key, as in file names."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, object]:
        """Return the key as a JSON-ready dictionary."""
        return asdict(self) | {"targets": list(self.targets)}

    @classmethod
    def from_json(cls, data: object, where: str) -> Self:
        """Read a key from parsed JSON; every field must be known, present and well-formed.

        Raises
        ------
        ModelError
            Naming ``where`` and what is wrong.
        """
        table = Table(data, where, tuple(f.name for f in fields(cls)))
        sizes = Table(table.raw("batch"), f"{where} batch", tuple(_SIZES))
        try:
            return cls(
                table.text("model_sha256"),
                table.text("distribution"),
                table.text("version"),
                table.texts("targets"),
                _precision(table.text("precision")),
                BatchRange(*(sizes.whole(name) for name in _SIZES)),
            )
        except ValueError as error:
            raise ModelError(f"{where} cannot be honoured: {error}") from error

    def differences(self, wanted: Self) -> tuple[str, ...]:
        """Return in words why a plan of this key must not be used for ``wanted``.

        More targets than wanted are no difference; anything else is.
        """
        words = [
            f"{name} {getattr(self, name)} instead of {getattr(wanted, name)}"
            for name in ("model_sha256", "distribution", "version", "precision", "batch")
            if getattr(self, name) != getattr(wanted, name)
        ]
        missing = [target for target in wanted.targets if target not in self.targets]
        if missing:
            words.append(f"built for {', '.join(self.targets)}, not for {', '.join(missing)}")
        return tuple(words)


_SIZES: Final = tuple(f.name for f in fields(BatchRange))


def _precision(text: str) -> Precision:
    for precision in PRECISIONS:
        if precision == text:
            return precision
    raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}")
