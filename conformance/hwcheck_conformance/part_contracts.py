"""The contracts about the classes that a platform names, beside its own."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]


def _part(  # noqa: PLR0917  # a row of the table
    id: str, title: str, relied_on_by: str, remedy: str, checked: str, since: str | None = None
) -> Contract:
    return Contract(
        id=id,
        profile=Profile.P1,
        title=title,
        relied_on_by=relied_on_by,
        remedy=remedy,
        checked=checked,
        examined_in="parts",
        since=since,
    )


WORKER_CONSTRUCT = _part(
    "worker.construct",
    "The worker can be constructed as the executor does it",
    "WorkerWrapperBase.init_worker() in vllm/v1/worker/worker_base.py",
    "take the keywords of WorkerBase, hand them to super().__init__(), and touch the device in "
    "init_device() only",
    "constructed with vllm_config, local_rank, rank, distributed_init_method and is_driver_worker "
    "on a decoder of one layer; init_device() is not called. Raising breaks it, unless the device "
    "is not here and the exception can come of that",
)
WORKER_SIGNATURE = _part(
    "worker.signature",
    "The worker's method takes the call that the engine makes",
    "collective_rpc() in vllm/v1/executor: calls methods of the worker by name, with the "
    "arguments in the reason",
    "take the parameters of vLLM's own worker in this release; give new ones a default, or take "
    "**kwargs, where a plugin serves several",
    "each call that this release makes is bound to the signature of the method; a form that "
    "vLLM's own base would not take is left out. Nothing is called",
)
WORKER_FEATURES = _part(
    "worker.feature-methods",
    "The worker has all methods of a capability that the platform claims",
    "the Executor in vllm/v1/executor/abstract.py: calls them by name when the feature is used",
    "define the methods in the reason, or take the claim back (get_punica_wrapper(), "
    "is_sleep_mode_available())",
    "for each capability of the worker: with a claim of the platform's, every method has to be "
    "there, outside WorkerBase, and do more than raise NotImplementedError",
)
ATTENTION_NAME = _part(
    "attention.name",
    "The attention backend's name is a member of AttentionBackendEnum",
    "Attention.__init__() in vllm/model_executor/layers/attention/attention.py: looks it up",
    "return 'CUSTOM' from get_name(), or the name under which register_backend() entered it",
    "get_name() of the backend that vLLM's selector gets for the tiny model is looked up; 0.12 "
    "and 0.13 take any name",
    since="0.11.1",
)
ATTENTION_BUILDER = _part(
    "attention.builder",
    "The attention metadata builder can be constructed and prepares any batch",
    "AttentionGroup in vllm/v1/worker/utils.py constructs it; the model runner calls build() "
    "before each step, and get_cudagraph_support() at the start",
    "take the four arguments of AttentionMetadataBuilder; build() must return metadata and leave "
    "what it is given as it is; get_cudagraph_support() is a classmethod",
    "constructed with the KV cache specification of a real attention layer; then 25 batches of one "
    "to six requests that mix first chunks, later chunks and single tokens. Raising, None, and a "
    "change to query_start_loc or seq_lens are breaches. Where graphs are supported, batches of "
    "single tokens for build_for_cudagraph_capture() too. Not measured where it reads what the "
    "plugin's own worker's runner gives and vLLM's description of a batch lacks",
)
ATTENTION_IMPL = _part(
    "attention.impl",
    "The attention implementation is built with vLLM's ten arguments, or refuses in words",
    "Attention.__init__() in vllm/model_executor/layers/attention/attention.py: gives ten "
    "arguments by position",
    "take the parameters of AttentionImpl in their order; raise NotImplementedError or ValueError "
    "for what is not computed; build what the backend says it supports",
    "60 shapes of heads, key heads, head size and sliding window. NotImplementedError, ValueError "
    "and AssertionError are refusals, which are a breach only for what the backend claims "
    "(get_supported_head_sizes(), supports_sliding_window()); anything else raised is one",
)
ATTENTION_LAYOUT = _part(
    "attention.kv-layout",
    "What the backend says about the KV cache is what vLLM can work with",
    "get_supported_kv_cache_layouts() in vllm/v1/attention/backends/utils.py (before 0.29 the "
    "model runner, with get_kv_cache_shape()), select_common_block_size() in "
    "vllm/v1/worker/utils.py",
    "return members of KVCacheLayout, or None, and sizes of blocks as int or MultipleOf",
    "layouts: members, and one at least (before 0.29: a shape with the blocks in it, and an order "
    "that permutes it). kernel-block-sizes: positive int or MultipleOf. customize-spec: a "
    "KVCacheSpec",
)
ATTENTION_FLAGS = _part(
    "attention.flags",
    "The backend's flags can be asked of the class and fit what it was chosen for",
    "AttentionBackend.validate_configuration() in vllm/v1/attention/backend.py, the attention "
    "layers, vllm/v1/worker/cp_utils.py",
    "make each a classmethod that returns a bool, the lists lists of torch.dtype and of str; "
    "choose the backend only for what it says it supports",
    "every supports_*() and is_*() without parameters that this release's base has is asked of "
    "the class; chosen-for: a backend for dense attention is not one for latent attention",
    since="0.12.0",
)
ATTENTION_STALE = _part(
    "attention.stale-member",
    "No member that vLLM no longer asks for stands where its successor should",
    "nothing: that is the fault. The reason names who asks for the successor",
    "define the successor as well; the old member may stay for older releases",
    "members that AttentionBackend or its builder once had, defined by the plugin: broken when the "
    "successor is not defined by it and no line of the plugin asks for the old one",
)
GRAPH_WRAPPER = _part(
    "graph.wrapper",
    "The static graph wrapper can be constructed, and without a graph hands the call on",
    "wrap_with_cudagraph_if_needed() in vllm/compilation/backends.py",
    "take runnable, vllm_config, runtime_mode and cudagraph_options as keywords; when the forward "
    "context's cudagraph_runtime_mode is not the wrapper's own, call the runnable",
    "where support_static_graph_mode() says yes: constructed for PIECEWISE and for FULL, then "
    "called in a forward context of mode NONE; the arguments and the result have to be the "
    "runnable's, which has to run once",
    since="0.11.0",
)
COMPILE_BACKEND = _part(
    "compile.backend",
    "The platform's compiler class can be used by vLLM's compilation",
    "make_compiler() and CompilerManager in vllm/compilation/backends.py",
    "derive it from CompilerInterface; no arguments to construct it; compile() takes five and "
    "returns a function and a handle",
    "where get_compile_backend() names a class: signature, cache-key (a name, and compute_hash() "
    "twice the same string), compile (a graph of one addition, whose result is compared)",
)
COMPILE_PASSES = _part(
    "compile.pass-manager",
    "The platform's pass manager can be constructed and configured",
    "VllmBackend.__init__() and configure_post_pass() in vllm/compilation/backends.py",
    "derive it from PostGradPassManager; no arguments to construct it; uuid() is a steady key",
    "where get_pass_manager_cls() names a class of the plugin's: constructed, given the "
    "configuration, asked twice for its uuid(). No passes are on where the platform turns vLLM's "
    "own way of compiling off. uuid() and __call__() are not asked for where pass_key is none of "
    "torch's compiler's",
)
CONNECTOR_ABSTRACT = _part(
    "connector.abstract",
    "A registered KV connector resolves to a class that is complete",
    "KVConnectorFactory in vllm/distributed/kv_transfer/kv_connector/factory.py: imports it when "
    "the user names it",
    "correct the module and class given to register_connector(); define the members in the reason",
    "each connector whose module is the plugin's is imported: a subclass of KVConnectorBase_V1 "
    "with no member left abstract",
)
CONNECTOR_CONSTRUCT = _part(
    "connector.construct",
    "A registered KV connector can be made for the scheduler and for the worker",
    "KVConnectorFactory.create_connector(), called by the Scheduler and by "
    "ensure_kv_transfer_initialized() in vllm/distributed/kv_transfer/kv_transfer_state.py",
    "take (vllm_config, role, kv_cache_config) and hand all three to super().__init__()",
    "made by the factory in both roles, with no extra configuration. Only an exception that says "
    "that code does not fit this vLLM breaks it: a connector may need its server. What it "
    "inherits and vLLM asks must find what the base's constructor sets",
)
KV_SPECS = _part(
    "kv.specs",
    "KV cache specifications of the plugin's have managers, and its builder is complete",
    "register_all_kvcache_specs() in vllm/v1/core/single_type_kv_cache_manager.py, "
    "get_kv_cache_config_builder() in vllm/v1/core/kv_cache_config_builder.py (0.33)",
    "register each class with a subclass of SingleTypeKVCacheManager; let a second registration "
    "pass; define the builder's abstract members",
    "registered: register_custom_kv_cache_specs() is called once more, and the manager of each "
    "class of the plugin's is looked at. builder: the class that get_kv_cache_config_builder_cls() "
    "names is constructed",
)
SCHEDULER = _part(
    "scheduler.interface",
    "The scheduler that the platform sets is complete and works without requests",
    "EngineCore.__init__() in vllm/v1/engine/core.py",
    "derive it from vLLM's AsyncScheduler or Scheduler, and take the keywords in the reason",
    "where scheduler_config.scheduler_cls is the plugin's: constructed as the engine does it; "
    "schedule() of nothing has no tokens, and has_requests() is False",
)
EXECUTOR = _part(
    "executor.interface",
    "The executor that the platform sets is complete",
    "Executor.get_class() in vllm/v1/executor/abstract.py",
    "derive it from vllm.v1.executor.abstract.Executor and define the members in the reason",
    "where parallel_config.distributed_executor_backend is the plugin's: its base, its abstract "
    "members and its constructor; it is not constructed, which would start workers",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
