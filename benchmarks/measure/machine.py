"""Where a measurement was made: hardware, versions, commit."""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil

MIB: Final = 1024 * 1024
PACKAGES: Final = (
    "fes",
    "av",
    "mediapipe",
    "numba",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "websockets",
)
GIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on besides the code.

    Attributes
    ----------
    cpu
        Name of the processor.
    cores
        Logical cores that this process may use.
    cores_of_machine
        Logical cores that there are.
    memory_mib
        Physical memory, MiB.
    load
        Processes that wanted a core during the minute before; None where the system does not
        say.
    system, python
        Operating system and interpreter with their versions.
    """

    cpu: str
    cores: int
    cores_of_machine: int
    memory_mib: int
    load: float | None
    system: str
    python: str

    @property
    def text(self) -> str:
        """One line for people."""
        return (
            f"{self.cpu}, {self.cores} of {self.cores_of_machine} cores, "
            f"{self.memory_mib / 1024:.0f} GiB"
        )


def this_machine() -> Machine:
    """Describe this machine."""
    there = os.cpu_count() or 1
    return Machine(
        cpu=_cpu(),
        cores=_usable_cores() or there,
        cores_of_machine=there,
        memory_mib=psutil.virtual_memory().total // MIB,
        load=_load(),
        system=platform.platform(),
        python=platform.python_version(),
    )


def _cpu() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine() or "unknown"


def _usable_cores() -> int | None:
    # containers and `taskset` leave a process fewer cores than there are
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def processor_s() -> float:
    """Return the time that all cores together have worked since the machine started, s."""
    times = psutil.cpu_times()
    # Linux counts guests within user time, and idle cores that wait for a disk apart
    idle = ("idle", "iowait", "guest", "guest_nice")
    return float(sum(times) - sum(getattr(times, name, 0.0) for name in idle))


def versions() -> dict[str, str]:
    """Return the versions of the packages that figures depend on; absent ones are left out."""
    out = {}
    for name in PACKAGES:
        try:
            out[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return out


def commit(folder: Path | None = None) -> str | None:
    """Return the commit of a git checkout, with ``+`` behind it where files differ from it.

    Parameters
    ----------
    folder
        The top of the checkout; the one that holds this package by default.

    Returns
    -------
    str or None
        None where the folder is not the top of a checkout, as in an installation.
    """
    top = Path(__file__).resolve().parents[2] if folder is None else folder.resolve()
    # an environment inside someone else's checkout must not report that one
    found = _git(top, "rev-parse", "--show-toplevel")
    if found is None or Path(found).resolve() != top:
        return None
    head = _git(top, "rev-parse", "HEAD")
    if head is None:
        return None
    return head + ("+" if _git(top, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=GIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
