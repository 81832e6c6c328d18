"""A module that takes notes of how a plan is built, in the form of one TensorRT or another.

``tensorrt`` itself is a download of gigabytes that not every machine can install. What differs
between its versions and ``tensorrt_rtx`` is which attributes exist, so that is what is told here;
that real builds succeed is shown with ``tensorrt_rtx``.
"""

# names and parameters are TensorRT's
# ruff: noqa: N802, ARG002

from types import SimpleNamespace
from typing import Final

from tests.engines.tensorrt.fake_tensorrt import FakeLogger

STRONGLY_TYPED: Final = 1
"""Number of the flag in TensorRT 10; the network's flags are bits."""


class FakeMonitor:
    def __init__(self) -> None:
        pass


class FakeBuilderModule:
    """A TensorRT that builds.

    Parameters
    ----------
    strict_flag
        Whether networks must be asked to be strongly typed, as in 10.x.
    ahead
        Whether it has compute capabilities, as RTX has.
    plan
        What a build gives; None fails.
    parser_errors
        What the parser refuses, as (reason, operator, node).
    log_errors
        What is logged as errors during the build, or during parsing where the parser refuses.
    """

    ILogger = FakeLogger
    IProgressMonitor = FakeMonitor
    BuilderFlag = SimpleNamespace(TF32="tf32", FP16="fp16")

    def __init__(
        self,
        *,
        strict_flag: bool = True,
        ahead: bool = False,
        plan: bytes | None = b"plan",
        parser_errors: tuple[tuple[str, str, str], ...] = (),
        log_errors: tuple[str, ...] = (),
    ) -> None:
        self.__version__ = "10.8.0"
        self.flags: list[int] = []
        self.cleared: list[str] = []
        self.shapes: list[tuple[object, ...]] = []
        self.profiles: list[object] = []
        self.capabilities: dict[int, str] = {}
        self.parsed: list[bytes] = []
        self.steps = 0
        self.network: object = object()
        self.plan = plan
        self.parser_errors = parser_errors
        self.log_errors = log_errors
        self.NetworkDefinitionCreationFlag = (
            SimpleNamespace(STRONGLY_TYPED=STRONGLY_TYPED) if strict_flag else SimpleNamespace()
        )
        if ahead:
            self.ComputeCapability = SimpleNamespace(SM80="cc80", SM86="cc86")

    def Builder(self, logger: FakeLogger) -> "FakeBuilder":
        return FakeBuilder(self, logger)

    def OnnxParser(self, network: object, logger: FakeLogger) -> "FakeParser":
        return FakeParser(self, logger)

    def log(self, logger: FakeLogger) -> None:
        for text in self.log_errors:
            logger.log(FakeLogger.Severity.ERROR, text)
        logger.log(FakeLogger.Severity.WARNING, "a warning that nobody needs")


class FakeParser:
    def __init__(self, module: FakeBuilderModule, logger: FakeLogger) -> None:
        self._module = module
        self._logger = logger
        self.num_errors = len(module.parser_errors)

    def parse(self, model: bytes) -> bool:
        self._module.parsed.append(model)
        if self.num_errors:
            self._module.log(self._logger)
        return not self.num_errors

    def get_error(self, index: int) -> SimpleNamespace:
        reason, operator, node = self._module.parser_errors[index]
        return SimpleNamespace(
            desc=lambda: reason, node_operator=lambda: operator, node_name=lambda: node
        )


class FakeConfig:
    progress_monitor: FakeMonitor

    def __init__(self, module: FakeBuilderModule) -> None:
        self._module = module
        self.num_compute_capabilities = 0

    def clear_flag(self, flag: str) -> None:
        self._module.cleared.append(flag)

    def add_optimization_profile(self, profile: object) -> int:
        self._module.profiles.append(profile)
        return 0

    def set_compute_capability(self, compute_capability: str, index: int) -> bool:
        assert hasattr(self._module, "ComputeCapability")
        assert 0 <= index < self.num_compute_capabilities
        self._module.capabilities[index] = compute_capability
        return True


class FakeBuilder:
    def __init__(self, module: FakeBuilderModule, logger: FakeLogger) -> None:
        self._module = module
        self._logger = logger

    def create_network(self, flags: int) -> object:
        self._module.flags.append(flags)
        return self._module.network

    def create_builder_config(self) -> FakeConfig:
        return FakeConfig(self._module)

    def create_optimization_profile(self) -> SimpleNamespace:
        def set_shape(*shapes: object) -> None:
            self._module.shapes.append(shapes)

        return SimpleNamespace(set_shape=set_shape)

    def build_serialized_network(self, network: object, config: FakeConfig) -> bytes | None:
        monitor = config.progress_monitor
        monitor.phase_start("Building", None, 2)
        for step in range(2):
            if not monitor.step_complete("Building", step):
                return None
            self._module.steps += 1
        monitor.phase_finish("Building")
        self._module.log(self._logger)
        return self._module.plan
