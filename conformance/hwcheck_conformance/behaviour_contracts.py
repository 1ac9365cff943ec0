"""The contracts about what a platform's members do."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]

_INTERFACE = "vllm/platforms/interface.py"
_CONFIG = "VllmConfig.__post_init__() in vllm/config/vllm.py"


def _contract(  # noqa: PLR0917  # in the order in which they are told
    id: str, title: str, relied_on_by: str, remedy: str, checked: str, since: str | None = None
) -> Contract:
    return Contract(
        id=f"platform.{id}",
        profile=Profile.P1,
        title=title,
        relied_on_by=relied_on_by,
        remedy=remedy,
        checked=checked,
        examined_in="behaviour",
        since=since,
    )


DEVICE_MAPPING = _contract(
    "device-mapping",
    "Device ids follow the variable that masks devices",
    "get_physical_gpu_ids_for_local_dp_rank() in vllm/v1/engine/utils.py, GroupCoordinator in "
    "vllm/distributed/parallel_state.py: turn local ranks into physical and visible devices",
    "read device_control_env_var at each call, map ordinal i to its i-th entry, and let what "
    "set_assigned_physical_gpu_ids() set go before it",
    "ordered selections of up to eight devices as the mask: ordinal i has to be the i-th entry, "
    "and one that is out of range may not be answered; unset and empty, ordinals are themselves; "
    "an entry that is no number gives none that is no int; logical, visible and physical ids "
    "lead back to each other; vLLM's own assignment goes before the mask",
)
CAPABILITY = _contract(
    "capability",
    "The device's capability can be compared, and the questions about it agree",
    "_resolve_auto_dtype() in vllm/config/model.py reads it, the quantization layers and kernels "
    "in vllm/model_executor ask has_device_capability()",
    "answer None, or a DeviceCapability whose minor number is one digit, and leave the questions "
    "about it to vLLM",
    "the value twice and for device 0; has_, is_device_capability and the family over pairs and "
    "numbers around the value, in both forms",
)
PREDICATES = _contract(
    "predicates",
    "The platform is one kind of platform",
    "CustomOp.dispatch_forward() in vllm/model_executor/custom_op.py: takes the branch for CUDA "
    "when no predicate is true",
    "set _enum = PlatformEnum.OOT and leave the predicates to vLLM",
    "among is_cuda, is_rocm, is_tpu, is_xpu and is_cpu at most one is true, and if none then "
    "is_out_of_tree; the one that _enum names is; is_cuda_alike is true where is_cuda or is_rocm "
    "is, and not beside another device's",
)
CONSTANT = _contract(
    "constant",
    "What vLLM's modules read while they are imported stays as it is",
    "PIN_MEMORY in vllm/utils/torch_utils.py, constants of fp8_dtype() and decorators with "
    "simple_compile_backend in vllm/v1: are evaluated once",
    "decide it when the class is made, not when a configuration arrives",
    "each value before and after three configurations were made",
)
DTYPES_AGREE = _contract(
    "dtypes-agree",
    "The answers about dtypes agree with each other",
    "_resolve_auto_dtype() in vllm/config/model.py, init_device() in vllm/v1/worker/gpu_worker.py "
    "(check_if_supports_dtype), the attention layers",
    "keep supported_dtypes, check_if_supports_dtype() and the attention backend's "
    "supported_dtypes in step",
    "the list is the same twice and names nothing twice; each dtype of it passes "
    "check_if_supports_dtype(), and the attention backend that is named for it takes it, where it "
    "is the plugin's and lists dtypes itself; dtype "
    "'auto' ends as one of them",
)
QUANTIZATION = _contract(
    "quantization",
    "The answers about quantization agree with each other",
    "ModelConfig._verify_quantization() in vllm/config/model.py, register_quantization_config() "
    "in vllm/model_executor/layers/quantization",
    "let verify_quantization() accept what supported_quantization lists, and keep one list that "
    "vLLM can append to",
    "every listed method passes verify_quantization(), and is not a slip of one that vLLM has; "
    "every other method of vLLM's passes or is refused in words; a method that is registered "
    "afterwards passes",
)
CONFIG_REFUSAL = _contract(
    "config-refusal",
    "A configuration is accepted, or refused in words",
    _CONFIG + ": calls check_and_update_config() in every start, whose users see what it raises",
    "raise ValueError or NotImplementedError, with a reason, for what is not supported; "
    "tolerate what the user left open",
    "60 shapes of configuration over dtype, lengths, cache, parallel sizes, scheduler flags, "
    "compilation, LoRA and n-gram speculation, up to 0.13 without a model too: any exception "
    "but ValueError, NotImplementedError and AssertionError is a breach; one that the absence of "
    "the device can explain is not measured",
)
CONFIG_IDEMPOTENT = _contract(
    "config-idempotent",
    "A second check_and_update_config changes nothing",
    "EngineCoreProc._perform_handshakes() in vllm/v1/engine/core.py: calls __post_init__() of the "
    "configuration once more, after the worker was loaded and the KV cache planned",
    "set what is unset, and leave alone what is settled already",
    "generated configurations, all fields compared by path: called again at once, and after the "
    "block size and the number of blocks were settled; only what also stays changed when vLLM "
    "goes through the whole of __post_init__() is a breach",
)
CONFIG_KEEPS_USER = _contract(
    "config-keeps-user",
    "A worker class that the user named is kept",
    "--worker-cls in vllm/engine/arg_utils.py, WorkerWrapperBase.init_worker() in "
    "vllm/v1/worker/worker_base.py",
    "set parallel_config.worker_cls only where it is 'auto'",
    "15 generated configurations that name a worker class",
)
CONFIG_PICKLABLE = _contract(
    "config-picklable",
    "The configuration can be sent to another process",
    "CoreEngineProcManager in vllm/v1/engine/utils.py and WorkerProc in "
    "vllm/v1/executor/multiproc_executor.py: pass it to processes that they spawn; Ray's "
    "executors send it with cloudpickle",
    "put plain data into the configuration: no functions, modules, locks or tensors on a device",
    "12 generated configurations with pickle, and 12 with cloudpickle, there and back",
)
DEFAULTS_IDEMPOTENT = _contract(
    "defaults-idempotent",
    "Defaults and registrations can be applied again",
    _CONFIG + " (apply_config_platform_defaults), which runs again in the engine core; "
    "create_engine_config() and add_cli_args() in vllm/engine/arg_utils.py "
    "(pre_register_and_update, with several parsers and with none)",
    "set only what is unset, and guard what may be registered only once",
    "20 generated configurations, compared as for platform.config-idempotent; "
    "pre_register_and_update() without a parser, with three different ones, and without",
)
ATTENTION_SELECTION = _contract(
    "attention-selection",
    "Asked for an attention backend, the platform names one or refuses in words",
    "_cached_get_attn_backend() in vllm/v1/attention/selector.py",
    "answer the class path of a subclass of AttentionBackend, or raise ValueError with a reason; "
    "let selected_backend be None or any member of the enumeration",
    "plain layers; every member of the enumeration as the user's choice; 150 generated layers "
    "over head sizes, dtypes, cache dtypes, block sizes, kinds of attention and flags that vLLM "
    "combines: the path has to resolve to a subclass of AttentionBackend; '' is a refusal",
)
ATTENTION_DETERMINISTIC = _contract(
    "attention-deterministic",
    "The same question about attention has the same answer",
    "_cached_get_attn_backend() in vllm/v1/attention/selector.py: keeps the first answer",
    "let the answer depend on the arguments and on nothing that changes",
    "lists of generated questions, asked forth and back",
)
BLOCK_SIZE = _contract(
    "block-size",
    "The block size that is settled is one that the attention backend takes",
    "UniProcExecutor._init_executor() in vllm/v1/executor/uniproc_executor.py and WorkerProc in "
    "multiproc_executor.py: call update_block_size_for_backend() before the KV cache is planned",
    "leave update_block_size_for_backend() to vLLM, or choose what supports_block_size() accepts",
    "with vLLM's default and with four sizes of the user's, for a layer with the "
    "backend that the platform names: the result is a positive int that the backend takes, stays "
    "the second time, and is the user's where the backend takes that",
    since="0.18.0",
)
PICKLING = _contract(
    "pickling",
    "The platform object can be copied and pickled",
    f"Platform.__getattr__() in {_INTERFACE}, which answers None for what it does not know, "
    "refuses the names that pickle looks for; collective_rpc() in "
    "vllm/v1/executor/multiproc_executor.py pickles functions with what they hold",
    "keep state out of the object, and let __getattr__ raise AttributeError for names with "
    "double underscores",
    "pickle, cloudpickle, copy and deepcopy: each gives an object of the same class",
)
STALE_MEMBER = _contract(
    "stale-member",
    "No member of the platform has a name that nobody reads instead of the one that vLLM reads",
    f"Platform.__getattr__() in {_INTERFACE}: nobody notices a member under another name",
    "rename the member to what the reason names",
    "the plugin's own members that this vLLM's Platform lacks and neither vLLM nor the plugin "
    "reads: a breach where the name is one edit from a member's that the plugin does not define, "
    "or a former name of one; other left-overs are told, not charged",
)
SILENT_NONE = _contract(
    "silent-none",
    "What the platform's claims need does not come back as None",
    f"Platform.__getattr__() in {_INTERFACE}: answers None, with a warning, for what no class "
    "and no torch module defines; CUDAGraphWrapper in vllm/compilation/cuda_graph.py and the KV "
    "connectors call what they get",
    "define the member in the platform's class, or in the device's torch module",
    "every name that vLLM's source reads from current_platform and that no class defines, with "
    "what comes back; None is a breach where the platform offers static graphs with vLLM's own "
    "wrapper, or host buffers for NIXL, which need the name",
)
MEMORY = _contract(
    "memory",
    "The figures of memory can be true",
    "get_batch_defaults() in vllm/engine/arg_utils.py (total), DeviceMemoryProfiler in "
    "vllm/utils/mem_utils.py (usage)",
    "answer in bytes, for the device that is asked for",
    "the total is at least 64 MiB and at most what the device or the machine has, with a tenth "
    "of tolerance; the usage is not negative and not above the total; on a device other than the "
    "CPU, it grows with a tensor of 64 MiB",
)
COMPILE_BACKEND = _contract(
    "compile-backend",
    "The compilers that the platform names can be found",
    "CompilationConfig.__post_init__() in vllm/config/compilation.py, make_compiler() in "
    "vllm/compilation/backends.py, @torch.compile in vllm/v1/sample",
    "name one of torch's backends, or the path of a CompilerInterface subclass",
    "simple_compile_backend and get_compile_backend(): in torch's list of backends, or a path "
    "that resolves to something callable; the second is the same when asked again",
)
DISPATCH_KEY = _contract(
    "dispatch-key",
    "vLLM's operators can be registered for the platform's device",
    "direct_register_custom_op() in vllm/utils/torch_utils.py: registers each with dispatch_key",
    "set dispatch_key to the key of the device's tensors, such as 'PrivateUse1'",
    "torch parses the key; where the device gives memory, an operator that is registered with "
    "it runs on a tensor of the device",
)
FLAGS_AGREE = _contract(
    "flags-agree",
    "Flags agree with what is behind them",
    "the wrapping of graphs in vllm/compilation/backends.py, get_mem_allocator_instance() in "
    "vllm/device_allocator, FP8 layers in vllm/model_executor/layers/quantization, weight loaders "
    "in vllm/model_executor/parameter.py, NIXL in vllm/distributed/kv_transfer",
    "take the flag back, or supply what it promises",
    "static graphs have a wrapper that is not the abstract one; sleep mode does not rest on "
    "vLLM's GPU worker, whose allocator knows CUDA and XPU only; is_fp8_fnuz() and fp8_dtype() "
    "name the same format; a weight loader that is made synced hands on the call; what is "
    "offered for NIXL is offered for the platform's own device, as a tuple of str",
)
SEED = _contract(
    "seed",
    "A seed makes the numbers drawn on the device repeatable",
    "set_random_seed() in vllm/utils/torch_utils.py",
    "seed all generators of the device with the number that is given",
    "20 seeds: the same one twice draws the same 64 numbers on the device, the next one others",
)
VALIDATE_REQUEST = _contract(
    "validate-request",
    "A request passes or is refused in words, and is left as it was",
    "InputProcessor.process_inputs() in vllm/v1/engine/input_processor.py",
    "raise ValueError for what is not supported, and change neither the inputs nor the parameters",
    "40 requests over sampling and pooling parameters, as vLLM makes them",
)
MAX_OUTPUT_TOKENS = _contract(
    "max-output-tokens",
    "A prompt that fits leaves room for an answer",
    "get_max_tokens() in vllm/entrypoints/serve/utils/api_utils.py: takes the minimum of it and "
    "other limits",
    "answer an int, or None for no limit of the platform's",
    "prompts of up to 511 tokens: None or an int that is not negative, and not 0 for up to 16",
)
MAX_MODEL_LEN = _contract(
    "max-model-len",
    "The platform's limit on the model's length is settled the first time",
    "_get_and_verify_max_len() in vllm/config/model.py",
    "answer the argument, or a lower positive int",
    "60 lengths: the answer is an int, positive, not larger, and the same when asked again of it",
    since="0.12.0",
)
FORWARD_CONTEXT = _contract(
    "forward-context",
    "A forward context can be made",
    "set_forward_context() in vllm/forward_context.py: passes eight keywords",
    "take **kwargs, and answer a dict without touching the device",
    "the real set_forward_context() without attention metadata, for no, one and eight tokens: "
    "nothing is raised, and what is added is a mapping",
    since="0.14.0",
)
VIT_ATTENTION = _contract(
    "vit-attention",
    "The attention of vision encoders is a backend that vLLM has",
    "get_vit_attn_backend() in vllm/model_executor/models/vision.py, MMEncoderAttention in "
    "vllm/model_executor/layers/attention",
    "answer a member of AttentionBackendEnum; where the user chose one that is offered, that one",
    "head sizes and dtypes of vision models, without a choice and with each backend that "
    "get_supported_vit_attn_backends() offers",
)
IR_PRIORITY = _contract(
    "ir-priority",
    "The preferred implementations of IR operators are registered",
    "KernelConfig.set_platform_defaults() and IrOpPriorityConfig.set_default() in "
    "vllm/config/kernel.py, IrOp.dispatch() in vllm/ir/op.py",
    "register the provider in import_ir_kernels(), and end each list with 'native'",
    "after import_ir_kernels(), each provider is registered for its operator, one of the list "
    "takes all arguments, the answer is the same twice, and the configuration is left as it was",
    since="0.20.0",
)
ENVIRON_NAMES = _contract(
    "environ-names",
    "vLLM's check of the environment knows the plugin's variables",
    "EngineArgs.create_engine_config() in vllm/engine/arg_utils.py: calls validate_environ()",
    "name them otherwise, enter them into vllm.envs.environment_variables, or override "
    "validate_environ()",
    "each variable beginning with VLLM_ that the plugin's source reads: set alone, it passes "
    "validate_environ(True)",
    since="0.31.0",
)
SET_DEVICE = _contract(
    "set-device",
    "A device can be selected, by torch.device and by number",
    "async_output_busy_loop() in vllm/v1/executor/multiproc_executor.py (a torch.device), the "
    "Mooncake connector in vllm/distributed/kv_transfer (a number)",
    "accept both, and do nothing where the device is selected already",
    "each form twice; where the device is absent, only what is done to the argument itself counts",
)
PIN_MEMORY = _contract(
    "pin-memory",
    "Where the platform says so, memory can be pinned",
    "PIN_MEMORY in vllm/utils/torch_utils.py, is_pin_memory_available() in "
    "vllm/utils/platform_utils.py",
    "answer False unless torch.empty(1, pin_memory=True) works in the worker",
    "where the device gives memory: a pinned tensor is made",
)
HOOKS_REPEAT = _contract(
    "hooks-repeat",
    "The hooks of a process can be called again",
    "vllm/_custom_ops.py and vllm/kernels (import_kernels), vllm/config/kernel.py "
    "(import_ir_kernels, at each change of priorities), vllm/v1/worker/worker_base.py "
    "(register_triton_kernel_overrides), vllm/v1/core/single_type_kv_cache_manager.py "
    "(register_custom_kv_cache_specs), vllm/logger.py (log_warnings)",
    "guard what may be done only once; log what is missing instead of raising",
    "each is called twice",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
