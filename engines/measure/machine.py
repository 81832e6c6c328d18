"""What figures depend on besides the code: processor, cores, GPU, versions."""

import contextlib
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

PROCESSORS: Final = Path("/proc/cpuinfo")
PACKAGES: Final = ("fes", "numpy", "onnxruntime", "tensorrt", "tensorrt-rtx", "cuda-python")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a measurement was made.

    Attributes
    ----------
    cpu
        Name of the processor.
    cores, cores_of_machine
        Logical cores that this process may use, and that there are.
    load
        Processes that wanted a core during the minute before; None where the system does not
        say.
    gpu
        The GPU that backends run on, where one does.
    system, python
        Operating system and interpreter with their versions.
    packages
        Versions of what runs models, where installed.
    """

    cpu: str
    cores: int
    cores_of_machine: int
    load: float | None
    gpu: str | None
    system: str
    python: str
    packages: dict[str, str]

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{self.cpu}, {self.cores} of {self.cores_of_machine} cores"]
        if self.load is not None:
            parts.append(f"load {self.load:.1f}")
        if self.gpu is not None:
            parts.append(self.gpu)
        parts.append(f"Python {self.python}")
        parts += [f"{name} {version}" for name, version in self.packages.items()]
        return "; ".join(parts)


def this_machine(gpu: str | None = None) -> Machine:
    """Describe this machine.

    Parameters
    ----------
    gpu
        The GPU that takes part, in words.
    """
    return Machine(
        cpu=processor_name(),
        cores=usable_cores(),
        cores_of_machine=os.cpu_count() or 1,
        load=waiting_processes(),
        gpu=gpu,
        system=platform.platform(),
        python=platform.python_version(),
        packages=versions(PACKAGES),
    )


def processor_name() -> str:
    """Return the processor's name."""
    if PROCESSORS.is_file():
        for line in PROCESSORS.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or "unknown"


def usable_cores() -> int:
    """Return the logical cores that this process may use."""
    # containers and `taskset` leave a process fewer cores than there are
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def waiting_processes() -> float | None:
    """Return the processes that wanted a core during the minute before, where that is known."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages; absent ones are left out."""
    out = {}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            out[name] = metadata.version(name)
    return out
