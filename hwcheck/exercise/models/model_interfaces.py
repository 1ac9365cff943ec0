"""What a model class says that it can, and the members that vLLM then uses."""

import inspect
from importlib import import_module

from hwcheck.probe.resolve import owner_of

__all__ = ["interface_faults"]

_INTERFACES = "vllm.model_executor.models.interfaces"
#: Where vLLM asks hybrid models for the shapes and dtypes of their states, by release.
_ASKING = ("vllm.model_executor.models.config", "vllm.platforms.interface")


def interface_faults(cls: type) -> list[str]:
    """Say what a class promises without having the members for it."""
    return [
        *_hybrid_faults(cls),
        *_lora_faults(cls),
        *_pipeline_faults(cls),
        *_multimodal_faults(cls),
    ]


def _hybrid_faults(cls: type) -> list[str]:
    if not getattr(cls, "is_hybrid", False):
        return []
    faults = []
    for name in ("get_mamba_state_shape_from_config", "get_mamba_state_dtype_from_config"):
        if not any(name in _source(module) for module in _ASKING):
            continue
        if not _defined(cls, name):
            faults.append(f"is_hybrid without {name}()")
        elif (fault := _called_on_class(cls, name)) is not None:
            faults.append(f"{name}(vllm_config) on the class: {fault}")
    return faults


def _lora_faults(cls: type) -> list[str]:
    interfaces = import_module(_INTERFACES)
    if not getattr(cls, "supports_lora", False) or interfaces.supports_lora(cls):
        return []
    attributes = inspect.get_annotations(interfaces._SupportsLoRAType)
    absent = [name for name in attributes if not hasattr(cls, name)]
    return [f"supports_lora without {', '.join(absent)}"]


def _pipeline_faults(cls: type) -> list[str]:
    interfaces = import_module(_INTERFACES)
    if not getattr(cls, "supports_pp", False) or interfaces.supports_pp(cls):
        return []
    if not interfaces._supports_pp_inspect(cls):
        return ["supports_pp, and forward() takes no intermediate_tensors"]
    return ["supports_pp without make_empty_intermediate_tensors"]


def _multimodal_faults(cls: type) -> list[str]:
    if not getattr(cls, "supports_multimodal", False):
        return []
    protocol = import_module(_INTERFACES).SupportsMultiModal
    faults = []
    embeds = ("embed_multimodal", "get_multimodal_embeddings")
    if not getattr(cls, "supports_multimodal_raw_input_only", False) and not any(
        _defined(cls, name) for name in embeds
    ):
        known = next((name for name in embeds if hasattr(protocol, name)), embeds[0])
        faults.append(f"supports_multimodal without {known}()")
    if "_processor_factory" in inspect.get_annotations(protocol) and not hasattr(
        cls, "_processor_factory"
    ):
        faults.append("supports_multimodal without a registered processor")
    return faults


def _defined(cls: type, name: str) -> bool:
    """Whether a class defines a member, and not only vLLM's protocols do."""
    owner = owner_of(cls, name)
    return owner is not None and not getattr(owner, "_is_protocol", False)


def _called_on_class(cls: type, name: str) -> str | None:
    try:
        inspect.signature(getattr(cls, name)).bind(None)
    except TypeError as error:
        return str(error)
    # An instance method would take the configuration for itself.
    if not isinstance(inspect.getattr_static(cls, name), classmethod | staticmethod):
        return "it is no class method"
    return None


def _source(module: str) -> str:
    try:
        return inspect.getsource(import_module(module))
    except (ImportError, OSError):
        return ""
