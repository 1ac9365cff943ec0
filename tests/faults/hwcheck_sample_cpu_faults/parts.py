"""Faults of the classes that the platform names, beside its attention."""

import sys
from typing import Any

from hwcheck_sample_cpu_faults.fault import fault


def platform() -> type:
    """The sample's platform class."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    return SampleCpuPlatform


def worker() -> type:
    """The sample's worker class."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    return SampleCpuWorker


@fault(breaks=("worker.construct",))
def worker_asks_a_gone_setting() -> None:
    """The worker's constructor reads a setting that this vLLM's configuration does not have."""
    right = worker().__init__

    def wrong(self, *args: Any, **kwargs: Any) -> None:
        right(self, *args, **kwargs)
        self.swap = self.vllm_config.swap_config

    worker().__init__ = wrong


@fault(breaks=("worker.construct",))
def worker_skips_its_base() -> None:
    """The worker's constructor does not call the one of WorkerBase."""

    def wrong(  # noqa: PLR0917  # vLLM's signature
        self,
        vllm_config: Any,
        local_rank: int,
        rank: int,
        distributed_init_method: str,
        is_driver_worker: bool = False,
    ) -> None:
        self.config = vllm_config

    worker().__init__ = wrong


@fault(breaks=("worker.construct",))
def worker_constructor_raises() -> None:
    """The worker's constructor wants a rank above zero."""
    right = worker().__init__

    def wrong(self, *args: Any, **kwargs: Any) -> None:
        right(self, *args, **kwargs)
        if not self.rank:
            raise RuntimeError("rank 0 is for the driver")

    worker().__init__ = wrong


@fault(breaks=("worker.signature[execute_model]",))
def worker_wants_more_than_the_step() -> None:
    """execute_model() has a second parameter without a default, as an older vLLM gave it."""
    right = worker().execute_model

    def execute_model(self, scheduler_output: Any, intermediate_tensors: Any) -> Any:
        return right(self, scheduler_output)

    worker().execute_model = execute_model


@fault(breaks=("worker.signature[wake_up]",))
def worker_wakes_up_as_a_whole() -> None:
    """wake_up() does not take the tags that vLLM gives it."""

    def wake_up(self) -> None:
        """Wake up as a whole."""

    worker().wake_up = wake_up


@fault(breaks=("worker.signature[set_kv_cache_layout]",))
def worker_takes_no_layout() -> None:
    """The worker's own set_kv_cache_layout() takes no layout."""
    worker().set_kv_cache_layout = lambda self: None


@fault(breaks=("worker.signature[get_supported_tasks]",))
def worker_tasks_are_a_property() -> None:
    """get_supported_tasks, which vLLM calls, is a property."""
    worker().get_supported_tasks = property(lambda self: ("generate",))


@fault(breaks=("worker.feature-methods[lora]",))
def worker_refuses_adapters() -> None:
    """The platform names a LoRA wrapper, and the worker raises when it is to pin an adapter."""

    def pin_lora(self, lora_id: int) -> bool:
        """Refuse."""
        raise NotImplementedError

    worker().pin_lora = pin_lora


def _wrapper() -> type:
    from hwcheck_sample_cpu.static_graph import SampleGraphWrapper

    return SampleGraphWrapper


@fault(
    breaks=(
        "graph.wrapper[piecewise]",
        "graph.wrapper[full]",
        "platform.concrete[get_static_graph_wrapper_cls]",
    )
)
def wrapper_takes_a_pool() -> None:
    """The wrapper wants the graph pool that vLLM 0.10.1 gave it."""
    right = _wrapper().__init__

    def wrong(
        self, runnable: Any, vllm_config: Any, runtime_mode: Any, graph_pool: Any, **kwargs: Any
    ) -> None:
        right(self, runnable, vllm_config, runtime_mode, **kwargs)

    _wrapper().__init__ = wrong


@fault(breaks=("graph.wrapper[piecewise]", "graph.wrapper[full]"))
def wrapper_drops_keywords() -> None:
    """The wrapper hands positional arguments on, and no others."""
    _wrapper().__call__ = lambda self, *args, **kwargs: self.runnable(*args)


@fault(breaks=("graph.wrapper[full]",))
def wrapper_warms_up() -> None:
    """The wrapper of whole graphs runs what it wraps twice, also where no graph is used."""

    def wrong(self, *args: Any, **kwargs: Any) -> Any:
        if self.runtime_mode.name == "FULL":
            self.runnable(*args, **kwargs)
        return self.runnable(*args, **kwargs)

    _wrapper().__call__ = wrong


def _compiler() -> type:
    from hwcheck_sample_cpu.compiler import SampleCompiler

    return SampleCompiler


@fault(breaks=("compile.backend[signature]",))
def compiler_takes_a_shape() -> None:
    """compile() takes four arguments, without the key of vLLM's cache."""

    def compile(self, graph: Any, example_inputs: Any, compiler_config: Any, shape: Any) -> Any:
        return graph, None

    _compiler().compile = compile


@fault(breaks=("compile.backend[cache-key]",))
def compiler_hash_is_random() -> None:
    """compute_hash() is another each time."""
    import uuid

    _compiler().compute_hash = lambda self, vllm_config: uuid.uuid4().hex


@fault(breaks=("compile.backend[compile]",))
def compiler_returns_the_function() -> None:
    """compile() returns the function alone."""

    def compile(  # noqa: PLR0917  # vLLM's signature
        self, graph: Any, example_inputs: Any, compiler_config: Any, span: Any, key: Any = None
    ) -> Any:
        return graph

    _compiler().compile = compile


@fault(breaks=("compile.backend[compile]",))
def compiler_loses_the_graph() -> None:
    """The compiled function returns its argument."""

    def compile(  # noqa: PLR0917  # vLLM's signature
        self, graph: Any, example_inputs: Any, compiler_config: Any, span: Any, key: Any = None
    ) -> Any:
        return (lambda *args: args), None

    _compiler().compile = compile


@fault(breaks=("compile.pass-manager[configure]",))
def passes_have_no_key() -> None:
    """The pass manager's uuid() is another each time."""
    import uuid

    from hwcheck_sample_cpu.compiler import SamplePassManager

    SamplePassManager.uuid = lambda self: uuid.uuid4().hex


@fault(breaks=("compile.pass-manager[signature]",))
def passes_are_configured_twice() -> None:
    """The pass manager's configure() wants two arguments."""
    from hwcheck_sample_cpu.compiler import SamplePassManager

    SamplePassManager.configure = lambda self, config, device: None


@fault(breaks=("connector.abstract[SampleConnector]",))
def connector_is_incomplete() -> None:
    """The connector does not say how the workers are told what to do."""
    from abc import update_abstractmethods

    from hwcheck_sample_cpu.connector import SampleConnector

    if "build_connector_meta" in vars(SampleConnector):
        del SampleConnector.build_connector_meta
    update_abstractmethods(SampleConnector)


@fault(breaks=("connector.abstract[SampleConnector]",))
def connector_path_is_wrong() -> None:
    """The connector is registered with a class that its module does not have."""
    from vllm.distributed.kv_transfer.kv_connector.factory import KVConnectorFactory

    KVConnectorFactory._registry.pop("SampleConnector", None)
    KVConnectorFactory.register_connector(
        "SampleConnector", "hwcheck_sample_cpu.connector", "SampleConnectorV1"
    )


@fault(
    breaks=(
        "connector.construct[SampleConnector-scheduler]",
        "connector.construct[SampleConnector-worker]",
    )
)
def connector_takes_two() -> None:
    """The connector's constructor takes two arguments, as before vLLM 0.21."""
    from hwcheck_sample_cpu.connector import SampleConnector

    right = SampleConnector.__init__

    def wrong(self, vllm_config: Any, role: Any) -> None:
        right(self, vllm_config, role, None)

    SampleConnector.__init__ = wrong


@fault(
    breaks=(
        "connector.construct[SampleConnector-scheduler]",
        "connector.construct[SampleConnector-worker]",
    )
)
def connector_skips_its_base() -> None:
    """The connector's constructor does not call the one of its base, which sets what it reads."""
    from hwcheck_sample_cpu.connector import SampleConnector

    SampleConnector.__init__ = lambda self, vllm_config, role, kv_cache_config: None


@fault(breaks=("connector.construct[SampleConnector-worker]",))
def connector_reads_what_is_gone() -> None:
    """On the worker's side, the connector reads a setting that the configuration lacks."""
    from hwcheck_sample_cpu.connector import SampleConnector

    right = SampleConnector.__init__

    def wrong(self, vllm_config: Any, role: Any, kv_cache_config: Any) -> None:
        right(self, vllm_config, role, kv_cache_config)
        if role.name == "WORKER":
            self.size = vllm_config.cache_config.swap_space_of_each_rank

    SampleConnector.__init__ = wrong


@fault(breaks=("kv.specs[registered]",))
def spec_has_no_manager() -> None:
    """The sample's kind of cache is registered with its specification in the manager's place."""
    from hwcheck_sample_cpu import cache_specs

    def wrong() -> None:
        spec = cache_specs.SampleAttentionSpec
        cache_specs.KVCacheSpecRegistry.register(spec, manager_class=spec)

    cache_specs.register_specs = wrong


@fault(
    breaks=(
        "kv.specs[registered]",
        "platform.hooks-repeat[register_custom_kv_cache_specs]",
    )
)
def specs_are_registered_once() -> None:
    """Registering the kinds of cache a second time is an error."""
    from hwcheck_sample_cpu import cache_specs

    right, done = cache_specs.register_specs, []

    def wrong() -> None:
        assert not done, "registered already"
        done.append(True)
        right()

    cache_specs.register_specs = wrong


@fault(breaks=("scheduler.interface",))
def scheduler_leaves_tokens() -> None:
    """The scheduler says that there are requests where there are none."""
    from hwcheck_sample_cpu import scheduler

    for cls in (scheduler.SampleScheduler, scheduler.SampleAsyncScheduler):
        cls.has_requests = lambda self: True


@fault(breaks=("scheduler.interface",))
def scheduler_takes_no_hash_size() -> None:
    """The scheduler's constructor does not know the newest of its keywords."""
    from hwcheck_sample_cpu import scheduler

    for cls in (scheduler.SampleScheduler, scheduler.SampleAsyncScheduler):
        right = cls.__init__

        def wrong(  # noqa: PLR0917  # vLLM's signature
            self,
            vllm_config: Any,
            kv_cache_config: Any,
            structured_output_manager: Any,
            block_size: int,
            include_finished_set: bool = False,
            log_stats: bool = False,
            right: Any = right,
        ) -> None:
            right(self, vllm_config, kv_cache_config, structured_output_manager, block_size)

        cls.__init__ = wrong


@fault(breaks=("executor.interface",))
def executor_is_incomplete() -> None:
    """The platform sets an executor that does not say how it calls its workers."""
    from vllm.v1.executor.abstract import Executor

    class SampleExecutor(Executor):
        def _init_executor(self) -> None:
            """Start nothing."""

        def check_health(self) -> None:
            """Find nothing."""

    # It must be found again by its name, as configurations are pickled.
    module = sys.modules[worker().__module__]
    SampleExecutor.__module__, SampleExecutor.__qualname__ = module.__name__, "SampleExecutor"
    module.SampleExecutor = SampleExecutor
    right = platform().check_and_update_config.__func__

    def wrong(cls, vllm_config: Any) -> None:
        right(cls, vllm_config)
        vllm_config.parallel_config.distributed_executor_backend = SampleExecutor

    platform().check_and_update_config = classmethod(wrong)
