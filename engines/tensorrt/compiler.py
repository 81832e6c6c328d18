"""One implementation of compiling for both of TensorRT's modules, told apart by what they have."""

from dataclasses import dataclass
from types import ModuleType
from typing import Final

from engines.errors import ModelError
from engines.manifest import Manifest
from engines.model_file import ModelFile
from engines.tensorrt.builder_api import Builder, Config, Network, Parser, ParserError
from engines.tensorrt.collecting import no_collection
from engines.tensorrt.distribution import Distribution
from engines.tensorrt.key import BatchRange, PlanKey
from engines.tensorrt.messages import Messages, collect_messages
from engines.tensorrt.progress import Monitor
from engines.text import one_line

REASON_LENGTH: Final = 400
STRICT_TYPES: Final = "STRONGLY_TYPED"
SHORT_FLOATS: Final = "TF32"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compiled.

    Attributes
    ----------
    trt
        TensorRT's module.
    distribution
        Which one it is.
    model
        The model, for its input's shape and for errors.
    key
        Targets, precision and batch.
    graph
        An ONNX file in the key's precision.
    """

    trt: ModuleType
    distribution: Distribution
    model: ModelFile
    key: PlanKey
    graph: bytes


def compile_graph(order: Order, monitor: Monitor) -> bytes:
    """Return a plan's bytes; nothing is written.

    Raises
    ------
    ModelError
        With TensorRT's own reasons in one line.
    """
    with no_collection():
        return _compile(order, monitor)


def _compile(order: Order, monitor: Monitor) -> bytes:
    trt = order.trt
    messages = collect_messages(trt)
    try:
        builder: Builder = trt.Builder(messages)
        network = builder.create_network(_network_flags(trt))
        _parse(order, network, messages)
        _let_attention_be_composed(trt, network)
        config = _configure(order, builder, monitor)
        plan = builder.build_serialized_network(network, config)
    except (RuntimeError, TypeError) as error:  # its bindings raise these where C++ gave nothing
        raise _failure(order, "cannot build it", [*messages.errors, str(error)]) from error
    if plan is None:
        raise _failure(order, "cannot build it", list(messages.errors))
    return bytes(plan)


def _network_flags(trt: ModuleType) -> int:
    # TensorRT 10 asks for it; where every network is so the flag may be gone
    flag = getattr(trt.NetworkDefinitionCreationFlag, STRICT_TYPES, None)
    return 0 if flag is None else 1 << int(flag)


def _parse(order: Order, network: Network, messages: Messages) -> None:
    parser: Parser = order.trt.OnnxParser(network, messages)
    if not parser.parse(order.graph):
        errors = [parser.get_error(index) for index in range(parser.num_errors)]
        told = [_describe(error) for error in errors]
        reasons = [one_line(error.desc(), REASON_LENGTH) for error in errors]
        untold = [text for text in messages.errors if not any(r in text for r in reasons)]
        raise _failure(order, "cannot read it", told + untold)


def _let_attention_be_composed(trt: ModuleType, network: Network) -> None:
    """Allow attention as products and a softmax where no kernel of TensorRT's own fits.

    Its fused kernels want longer sequences and wider heads than a window has; without leave it
    refuses the network.
    """
    boundary = getattr(trt, "IAttentionInputLayer", None)
    if boundary is None:  # a version whose parser composes attention by itself
        return
    for index in range(network.num_layers):
        layer = network.get_layer(index)
        if layer.type == trt.LayerType.ATTENTION_INPUT:
            # the bindings hand out the base class; this is how its own kind is told to them
            layer.__class__ = boundary
            layer.attention.decomposable = True


def _configure(order: Order, builder: Builder, monitor: Monitor) -> Config:
    config = builder.create_builder_config()
    config.progress_monitor = monitor
    flag = getattr(order.trt.BuilderFlag, SHORT_FLOATS, None)
    if flag is not None:
        # on by default; it keeps 10 of 23 bits of each factor, too few for what fp32 promises
        config.clear_flag(flag)
    _add_profile(builder, config, order.model.manifest, order.key.batch)
    if order.distribution.ahead:
        _set_targets(order, config)
    return config


def _add_profile(builder: Builder, config: Config, manifest: Manifest, batch: BatchRange) -> None:
    row = manifest.input.row
    profile = builder.create_optimization_profile()
    profile.set_shape(
        manifest.input.tensor, (batch.least, *row), (batch.usual, *row), (batch.most, *row)
    )
    config.add_optimization_profile(profile)


def _set_targets(order: Order, config: Config) -> None:
    config.num_compute_capabilities = len(order.key.targets)
    for index, target in enumerate(order.key.targets):
        capability = getattr(order.trt.ComputeCapability, target, None)
        if capability is None:
            raise _failure(order, f"cannot build for {target}", ["that target is unknown to it"])
        config.set_compute_capability(capability, index)


def _failure(order: Order, what: str, reasons: list[str]) -> ModelError:
    lines = dict.fromkeys(one_line(reason, REASON_LENGTH) for reason in reasons if reason)
    text = "; ".join(lines)
    advice = ""
    if order.key.precision == "fp32" and "SM75" in order.key.targets and "SM75" in text:
        advice = "; take --precision fp16, or leave SM75 out of the targets"
    reason = text[:REASON_LENGTH] or "it does not say why"
    who = f"{order.distribution.name} {order.key.version}"
    return ModelError(f"model {order.model.path}: {who} {what}: {reason}{advice}")


def _describe(error: ParserError) -> str:
    return f"{error.desc()} (operator {error.node_operator()} {error.node_name()!r})"
