"""The methods by name, and by what belongs to one."""

from collections.abc import Mapping
from typing import Final, Protocol, cast

import onnx

from engines.decoding import Rules, rules_of
from engines.errors import UsageError
from offline.gim.model import GimNetwork
from offline.gim.settings import GimSettings
from offline.mcwes.network import McWesNetwork
from offline.mcwes.settings import McWesSettings
from offline.methods.gim import GimMethod
from offline.methods.mcwes import McWesMethod
from offline.methods.method import Method
from offline.methods.network import SpottingNetwork
from offline.methods.pwes import PwesMethod
from offline.methods.spotformer import SpotFormerMethod
from offline.pwes.network import PwesNetwork
from offline.pwes.settings import PwesSettings
from offline.spotformer.model import SpotFormer
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.settings import Settings, SpotFormerSettings

AnyMethod = (
    Method[SpotFormerSettings, SpotFormer]
    | Method[GimSettings, GimNetwork]
    | Method[McWesSettings, McWesNetwork]
    | Method[PwesSettings, PwesNetwork]
)
METHODS: Final[Mapping[str, AnyMethod]] = {
    method.name: method for method in (SpotFormerMethod(), GimMethod(), McWesMethod(), PwesMethod())
}


class _Named(Protocol):
    @property
    def method(self) -> str: ...


def method_of(one: _Named) -> Method[Settings, SpottingNetwork]:
    """Return the method of settings or of a network.

    It is to be given only what belongs to it: those settings, and networks that it built.
    """
    return cast("Method[Settings, SpottingNetwork]", METHODS[one.method])


def method_of_run(run: RunFolder) -> Method[Settings, SpottingNetwork]:
    """Return the method of a run.

    Raises
    ------
    UsageError
        If the folder does not say, or names a method that is not known here.
    """
    name = run.config().get("method")
    if not isinstance(name, str) or name not in METHODS:
        raise UsageError(f"{run.path}: its method {name!r} is none of {', '.join(METHODS)}")
    return cast("Method[Settings, SpottingNetwork]", METHODS[name])


def load_network(run: RunFolder, weights: str = WEIGHTS) -> SpottingNetwork:
    """Return the network of a run of any method, in evaluation mode, on the processor.

    Raises
    ------
    UsageError
        If the folder holds no run, or its weights do not fit.
    """
    return method_of_run(run).load(run, weights)


def to_onnx(network: SpottingNetwork) -> onnx.ModelProto:
    """Return the inference graph of a network (:meth:`offline.methods.method.Method.to_onnx`)."""
    return method_of(network).to_onnx(network)


def published_rules(one: _Named) -> Rules:
    """Return the decoder rules that the paper of a network or of settings gives."""
    return rules_of(one.method, {})
