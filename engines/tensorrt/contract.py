"""Whether an engine takes and gives what the model's manifest says."""

from dataclasses import dataclass
from types import ModuleType
from typing import Final

from engines.errors import ModelError
from engines.manifest import Manifest
from engines.tensorrt.api import CudaEngine
from engines.tensorrt.key import BatchRange

FREE: Final = -1

Tensors = dict[str, tuple[str, str, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Interface:
    """What an engine takes and gives.

    Attributes
    ----------
    tensors
        Mode, number format and shape per input and output; -1 is a free dimension.
    sizes
        Smallest, usual and largest shape of the input.
    """

    tensors: Tensors
    sizes: tuple[tuple[int, ...], ...]


def read_interface(engine: CudaEngine, given: str) -> Interface:
    """Return an engine's interface, which holds nothing of the engine.

    Parameters
    ----------
    engine
        TensorRT's engine.
    given
        Name of the input whose sizes are asked for.
    """
    names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
    tensors = {
        name: (
            str(engine.get_tensor_mode(name)),
            str(engine.get_tensor_dtype(name)),
            tuple(engine.get_tensor_shape(name)),
        )
        for name in names
    }
    shapes = engine.get_tensor_profile_shape(given, 0) if given in tensors else ()
    return Interface(tensors, tuple(tuple(shape) for shape in shapes))


def require_contract(
    found: Interface, trt: ModuleType, manifest: Manifest, batch: BatchRange, where: str
) -> None:
    """Refuse an engine whose tensors or batch range are not those of its model and key.

    Parameters
    ----------
    found
        The engine's.
    trt
        The module that read it.
    manifest
        Of the model that the plan says it was built from.
    batch
        Of the plan's key.
    where
        How errors name the plan.

    Raises
    ------
    ModelError
        Naming the first difference.
    """
    wanted = _wanted(trt, manifest)
    for name in (*wanted, *found.tensors):
        if found.tensors.get(name) != wanted.get(name):
            raise ModelError(
                f"{where}: tensor {name!r} is {_words(found.tensors, name)}, and the manifest of "
                f"{manifest.name} says {_words(wanted, name)}; build it again with fes-engine build"
            )
    row = manifest.input.row
    if found.sizes != tuple((size, *row) for size in (batch.least, batch.usual, batch.most)):
        raise ModelError(
            f"{where}: takes batches of {', '.join(str(shape[0]) for shape in found.sizes)}, and "
            f"its key says {batch}; build it again with fes-engine build"
        )


def _wanted(trt: ModuleType, manifest: Manifest) -> Tensors:
    float32 = str(trt.DataType.FLOAT)
    given = manifest.input
    tensors = {given.tensor: (str(trt.TensorIOMode.INPUT), float32, (FREE, *given.row))}
    output = (str(trt.TensorIOMode.OUTPUT), float32, (FREE,))
    return tensors | dict.fromkeys(manifest.outputs, output)


def _words(tensors: Tensors, name: str) -> str:
    if name not in tensors:
        return "absent"
    mode, number_format, shape = tensors[name]
    return f"{mode} {number_format} {shape}"
