"""ONNX Runtime on the CPU: the embedded default."""

from typing import Self

import onnxruntime as ort

from engines.backend import Windows, require_windows, to_scores
from engines.errors import ModelError, UsageError
from engines.model_file import ModelFile
from engines.precision import Precision
from engines.scores import Scores
from engines.text import one_line

# Some builds note every session in a database under the home folder.
ort.disable_telemetry_events()


class OnnxRuntimeBackend:
    """Runs a model with ONNX Runtime's CPU provider.

    Parameters
    ----------
    model
        A checked model file.
    threads
        Threads within one operator. One is the default: a window is small, and the other cores
        belong to the camera and the face mesh.

    Raises
    ------
    UsageError
        If ``threads`` is below one.
    ModelError
        If ONNX Runtime cannot load the model.
    """

    name = "onnxruntime"
    precision: Precision = "fp32"

    def __init__(self, model: ModelFile, threads: int = 1) -> None:
        if threads < 1:
            raise UsageError(f"threads must be at least 1, not {threads}")
        self._manifest = model.manifest
        self._session: ort.InferenceSession | None = _session(model, threads)

    def run(self, windows: Windows) -> Scores:
        """Score a batch of windows; see :meth:`engines.backend.Backend.run`."""
        if self._session is None:
            raise ValueError("the backend is closed")
        require_windows(windows, self._manifest)
        names = list(self._manifest.outputs)
        try:
            vectors = self._session.run(names, {self._manifest.input.tensor: windows})
        except Exception as error:  # its exceptions share no narrower public base
            raise ModelError(
                f"model {self._manifest.name}: ONNX Runtime failed: {one_line(error)}"
            ) from error
        return to_scores(dict(zip(names, vectors, strict=True)), len(windows), self._manifest)

    def close(self) -> None:
        """Release the model; safe to call twice."""
        self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _session(model: ModelFile, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # threads that wait for the next window must leave the cores to the camera and the face mesh
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # else a few bytes in a file could make it read another format, past every check of ONNX
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # errors only: everything else it prints is about its own optimiser
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(model.content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no narrower public base
        raise ModelError(
            f"model {model.path}: ONNX Runtime cannot load it: {one_line(error)}"
        ) from error
