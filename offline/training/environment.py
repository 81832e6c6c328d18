"""What a run ran on, for its report."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Final

import torch

_PACKAGES: Final = ("fes", "numpy", "torch", "onnx", "onnxruntime", "safetensors")


def describe_environment() -> dict[str, object]:
    """Return versions, hardware and, where there is one, the commit of the source tree."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
        "packages": {name: _version(name) for name in _PACKAGES},
        "commit": _commit(),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _commit() -> str | None:
    """Return the commit of the checkout that this file is in, marked where it was changed."""
    folder = Path(__file__).parent
    try:
        found = subprocess.run(
            ("git", "describe", "--always", "--dirty", "--abbrev=40"),  # noqa: S607 - git of the user's own path
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
