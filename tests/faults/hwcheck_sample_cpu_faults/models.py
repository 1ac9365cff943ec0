"""Faults of the quantization method and of the model that the sample registers."""

from hwcheck_sample_cpu_faults.fault import fault

_ARCHITECTURE = "SampleDecoderForCausalLM"


def _method() -> type:
    from hwcheck_sample_cpu.quantization import SampleQuantizationConfig

    return SampleQuantizationConfig


def _model() -> type:
    from hwcheck_sample_cpu.decoder import SampleDecoderForCausalLM

    return SampleDecoderForCausalLM


def _register(path: str) -> None:
    """Put another path in the place of the one that the sample registers, now or later."""
    from vllm import ModelRegistry

    right = ModelRegistry.register_model

    def wrong(architecture: str, model: object) -> None:
        right(architecture, path if architecture == _ARCHITECTURE else model)

    ModelRegistry.register_model = wrong
    wrong(_ARCHITECTURE, path)


@fault(breaks=("quantization.registration[sample_rounded]",))
def method_leaves_a_member_abstract() -> None:
    """A member of QuantizationConfig is not filled."""
    _method().__abstractmethods__ = frozenset({"get_quant_method"})


@fault(breaks=("quantization.registration[sample_rounded]",))
def method_is_refused_by_its_platform() -> None:
    """The platform's list of methods was made before the plugin had one of its own."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.verify_quantization.__func__

    def wrong(cls, quant):
        if quant == "sample_rounded":
            raise ValueError(f"{quant} quantization is not supported")
        right(cls, quant)

    SampleCpuPlatform.verify_quantization = classmethod(wrong)


@fault(breaks=("quantization.config[sample_rounded-get-name]",))
def method_has_the_name_of_another() -> None:
    """The method calls itself by the name of one of vLLM's."""
    _method().get_name = lambda self: "fp8"


@fault(breaks=("quantization.config[sample_rounded-get-supported-act-dtypes]",))
def method_names_dtypes_as_text() -> None:
    """The dtypes are names instead of dtypes."""
    _method().get_supported_act_dtypes = lambda self: ["float32", "bfloat16"]


@fault(breaks=("quantization.config[sample_rounded-get-supported-act-dtypes]",))
def method_computes_in_no_dtype_of_the_platform() -> None:
    """The method computes in a dtype that the platform does not have."""
    import torch

    _method().get_supported_act_dtypes = lambda self: [torch.float64]


@fault(breaks=("quantization.config[sample_rounded-get-min-capability]",))
def method_gives_its_capability_as_text() -> None:
    """The least capability is written as it is spoken."""
    _method().get_min_capability = classmethod(lambda cls: "8.0")


@fault(breaks=("quantization.config[sample_rounded-get-config-filenames]",))
def method_names_no_list_of_files() -> None:
    """There are no files, and no list of them."""
    _method().get_config_filenames = staticmethod(lambda: None)


@fault(breaks=("quantization.config[sample_rounded-from-config]",))
def method_is_made_of_nothing() -> None:
    """from_config() gives back what it was given."""
    _method().from_config = classmethod(lambda cls, config: config)


@fault(breaks=("quantization.config[sample_rounded-override-quantization-method]",))
def method_reads_checkpoints_of_others() -> None:
    """Asked about a checkpoint of others, the method looks for a key of its own."""

    def wrong(cls, hf_quant_cfg, user_quant, hf_config=None):
        return "sample_rounded" if hf_quant_cfg["rounding"] else None

    _method().override_quantization_method = classmethod(wrong)


@fault(breaks=("quantization.config[sample_rounded-override-quantization-method]",))
def method_takes_the_arguments_of_yesterday() -> None:
    """The question about checkpoints got an argument that the method does not take."""
    wrong = classmethod(lambda cls, hf_quant_cfg, user_quant: None)
    _method().override_quantization_method = wrong


@fault(breaks=(f"model.registration[{_ARCHITECTURE}]",))
def model_path_names_nothing() -> None:
    """The class was renamed, and the text that registers it was not."""
    _register("hwcheck_sample_cpu.decoder:SampleModelForCausalLM")


@fault(breaks=("model.registration[SampleDrafterForCausalLM]",))
def model_is_written_past_the_registry() -> None:
    """A line of vLLM's own table is put where the registry keeps objects."""
    from vllm import ModelRegistry

    entry = ("llama_eagle", "EagleLlamaForCausalLM")
    ModelRegistry.models.setdefault("SampleDrafterForCausalLM", entry)


@fault(breaks=(f"model.registration[{_ARCHITECTURE}]",))
def model_is_no_module() -> None:
    """What is registered is a function that makes the model."""
    import hwcheck_sample_cpu.decoder as module

    module.make_decoder = lambda *, vllm_config, prefix="": None
    _register("hwcheck_sample_cpu.decoder:make_decoder")


@fault(breaks=(f"model.signature[{_ARCHITECTURE}]",))
def model_takes_no_prefix() -> None:
    """The model is made of the configuration alone."""
    right = _model().__init__

    def init(self, *, vllm_config):
        right(self, vllm_config=vllm_config)

    _model().__init__ = init


@fault(breaks=(f"model.signature[{_ARCHITECTURE}]",))
def model_wants_sampling_metadata() -> None:
    """The logits are computed with an argument that vLLM no longer passes."""
    right = _model().compute_logits

    def wrong(self, hidden_states, sampling_metadata):
        return right(self, hidden_states)

    _model().compute_logits = wrong


@fault(breaks=(f"model.signature[{_ARCHITECTURE}]",))
def model_embeds_by_the_old_name() -> None:
    """The embeddings are looked up by the method's name of yesterday."""
    model = _model()
    model.get_input_embeddings = model.embed_input_ids
    del model.embed_input_ids


@fault(breaks=(f"model.signature[{_ARCHITECTURE}]",))
def model_calls_positions_otherwise() -> None:
    """forward() has a name of its own for the positions."""
    right = _model().forward

    def wrong(self, input_ids, position_ids, intermediate_tensors=None, inputs_embeds=None):
        return right(self, input_ids, position_ids, intermediate_tensors, inputs_embeds)

    _model().forward = wrong


@fault(breaks=(f"model.interface[{_ARCHITECTURE}]",))
def model_says_hybrid_and_has_no_shapes() -> None:
    """The model says that it is hybrid, and cannot tell the shapes of its states."""
    _model().is_hybrid = True


@fault(breaks=(f"model.interface[{_ARCHITECTURE}]",))
def model_tells_shapes_as_an_instance() -> None:
    """The shapes of the states are told by an instance, before there is one."""
    _model().is_hybrid = True
    _model().get_mamba_state_shape_from_config = lambda self, vllm_config: ((1,), (1,))
    _model().get_mamba_state_dtype_from_config = classmethod(lambda cls, vllm_config: ())


@fault(breaks=(f"model.interface[{_ARCHITECTURE}]",))
def model_says_lora_and_names_no_embeddings() -> None:
    """The model says that it supports LoRA, without one of the tables for it."""
    _model().supports_lora = True


@fault(breaks=(f"model.interface[{_ARCHITECTURE}]",))
def model_says_pipeline_and_makes_no_tensors() -> None:
    """The model says that it supports pipeline parallelism, and cannot begin in the middle."""
    _model().supports_pp = True


@fault(breaks=(f"model.prefix[{_ARCHITECTURE}]",))
def model_gives_all_layers_one_name() -> None:
    """Each layer gets the prefix of the first."""
    _name_layers(lambda prefix: f"{prefix.rpartition('.')[0]}.0")


@fault(breaks=(f"model.prefix[{_ARCHITECTURE}]",))
def model_numbers_its_layers_with_letters() -> None:
    """The names of the layers hold no numbers."""
    _name_layers(lambda prefix: prefix[:-1] + "abcdefghij"[int(prefix[-1])])


def _name_layers(named) -> None:
    import hwcheck_sample_cpu.decoder as module

    right = module.LlamaDecoderLayer

    def layer(vllm_config, prefix):
        return right(vllm_config=vllm_config, prefix=named(prefix))

    module.LlamaDecoderLayer = layer
