"""The contracts about communicators, LoRA, quantization and models."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]


def _contract(
    id: str, *, title: str, relied_on_by: str, remedy: str, checked: str, since: str | None = None
) -> Contract:
    return Contract(
        id=id,
        profile=Profile.P1,
        title=title,
        relied_on_by=relied_on_by,
        remedy=remedy,
        checked=checked,
        examined_in="models",
        since=since,
    )


COMMUNICATOR_CONSTRUCT = _contract(
    "communicator.construct",
    title="Two processes can build a group with the device communicator",
    relied_on_by="GroupCoordinator.__init__() in vllm/distributed/parallel_state.py: makes one for "
    "each group of more than one rank, with keywords",
    remedy="take the keywords of the host's DeviceCommunicatorBase and hand them to its __init__()",
    checked="where the device is a CPU: two forked processes meet over the platform's dist_backend "
    "and build a group as vLLM's workers do; its communicator has to know its rank, the size and "
    "the ranks of the group. A crash or a hang of one of them is a breach",
)
COMMUNICATOR_COLLECTIVE = _contract(
    "communicator.collective",
    title="The collectives give what a plain reference gives",
    relied_on_by="GroupCoordinator in vllm/distributed/parallel_state.py; tensor parallel layers "
    "through vllm/distributed/communication_op.py",
    remedy="compare the failing call with DeviceCommunicatorBase: the example says which ranks, "
    "shapes and dimensions",
    checked="where the device is a CPU: 25 generated calls of each collective in two processes, "
    "with tensors of one to three dimensions in the supported dtypes, negative dimensions and "
    "unequal rows; reductions of views that are not contiguous. Sums may be off by one unit in the "
    "last place, all else by nothing. all_gatherv and reduce_scatterv may be refused",
)
LORA_WRAPPER = _contract(
    "lora.wrapper-abstract",
    title="The Punica wrapper fills the abstract members and takes vLLM's calls",
    relied_on_by="get_punica_wrapper() in vllm/lora/punica_wrapper/punica_selector.py, and the "
    "layers in vllm/lora/layers",
    remedy="define the member with the parameters of the host's PunicaWrapperBase, and **kwargs",
    checked="the class that get_punica_wrapper() names has no abstract member left, and the "
    "arguments of each call that vLLM's LoRA layers make fit its method",
)
LORA_PUNICA = _contract(
    "lora.punica",
    title="The Punica wrapper applies to each token the adapter of its request",
    relied_on_by="BaseLinearLayerWithLoRA in vllm/lora/layers/base_linear.py, "
    "RowParallelLinearWithLoRA, VocabParallelEmbeddingWithLoRA, LogitsProcessorWithLoRA",
    remedy="see the example: the slot of an adapter is its place in lora_index_to_id, and -1 means "
    "that the token has none and must not be touched",
    checked="constructed and told of each batch as vLLM does it; add_shrink, add_expand, "
    "add_lora_linear, add_lora_embedding and add_lora_logits over 12 generated batches whose "
    "requests have adapters, have them in part (-mixed) or have none (-none), with one to three "
    "slices; against float64, off by at most 8 steps of the dtype; add_shrink and add_expand, "
    "which only fully sharded layers call, may raise NotImplementedError",
)
QUANTIZATION_REGISTRATION = _contract(
    "quantization.registration",
    title="A quantization method that the plugin registers can be used on its platform",
    relied_on_by="ModelConfig._verify_quantization() in vllm/config/model.py, "
    "get_quantization_config() in vllm/model_executor/layers/quantization/__init__.py",
    remedy="fill the abstract members of QuantizationConfig; name the method in the platform's "
    "supported_quantization",
    checked="each method that is registered: nothing abstract is left in its class, vLLM gives the "
    "class for the name, and the platform's verify_quantization() accepts it",
)
QUANTIZATION_CONFIG = _contract(
    "quantization.config",
    title="A registered quantization method answers vLLM's questions",
    relied_on_by="VllmConfig._get_quantization_config() in vllm/config/vllm.py; "
    "ModelConfig._verify_quantization() in vllm/config/model.py asks every method about every "
    "quantized checkpoint",
    remedy="return what the host's QuantizationConfig documents; for a checkpoint of others return "
    "None from override_quantization_method()",
    checked="get_name() names the method; get_supported_act_dtypes() gives dtypes of torch's, and "
    "the platform has one of them; get_min_capability() is a number that the platform reaches; "
    "get_config_filenames() is a list of names; from_config() gives a QuantizationConfig or "
    "refuses; override_quantization_method() gives a known method or None for the checkpoints of "
    "four others, and raises nothing",
)
MODEL_REGISTRATION = _contract(
    "model.registration",
    title="A model that the plugin registers can be imported and inspected",
    relied_on_by="_LazyRegisteredModel and _ModelInfo.from_model_cls() in "
    "vllm/model_executor/models/registry.py",
    remedy='correct the "module:Class" text that is given to ModelRegistry.register_model()',
    checked="each architecture whose entry differs from vLLM's own table: it is one that the "
    "registry can ask, the class can be imported, is a module of torch's, and vLLM's inspection of "
    "it succeeds",
)
MODEL_SIGNATURE = _contract(
    "model.signature",
    title="A registered model takes the calls that vLLM makes of every model",
    relied_on_by="initialize_model() in vllm/model_executor/model_loader/utils.py; "
    "is_text_generation_model() in vllm/model_executor/models/interfaces_base.py",
    remedy="write __init__(self, *, vllm_config, prefix=''), forward(self, input_ids, positions, "
    "...), embed_input_ids(), compute_logits(hidden_states) and load_weights(weights)",
    checked="the parameters of __init__() by name, those of forward(), and the members that vLLM "
    "calls, as far as this release asks for them; of drafting models the first alone",
)
MODEL_INTERFACE = _contract(
    "model.interface",
    title="What a registered model says that it can, it has the members for",
    relied_on_by="supports_pp(), supports_lora() in vllm/model_executor/models/interfaces.py; "
    "Platform.update_block_size_for_backend() in vllm/platforms/interface.py asks hybrid models "
    "for the shapes of their states",
    remedy="define the member in the reason, or take the flag away",
    checked="is_hybrid: get_mamba_state_shape_from_config() and "
    "get_mamba_state_dtype_from_config() as class methods; supports_lora, "
    "supports_pp, supports_multimodal: what vLLM's own tests of "
    "them ask for",
)
MODEL_PREFIX = _contract(
    "model.prefix",
    title="A registered model gives each layer a name of its own",
    relied_on_by="Attention.__init__() in vllm/model_executor/layers/attention/attention.py: "
    "registers under the prefix; extract_layer_index() in vllm/model_executor/models/utils.py",
    remedy="hand prefix=f'{prefix}.layers.{number}' and the like to each layer that takes one",
    checked="constructed without memory, with two layers of a tiny Llama: no attention layer "
    "registers under a name that is taken or has no number. A model that needs another "
    "configuration is not measured",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
