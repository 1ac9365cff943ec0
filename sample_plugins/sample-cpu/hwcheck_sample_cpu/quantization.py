"""A quantization method of the sample's own: weights rounded to eight bits when they are loaded."""

from typing import Any

import torch
from vllm.model_executor.layers.linear import LinearBase, UnquantizedLinearMethod
from vllm.model_executor.layers.quantization import register_quantization_config
from vllm.model_executor.layers.quantization.base_config import (
    QuantizationConfig,
    QuantizeMethodBase,
)

__all__ = ["NAME", "SampleLinearMethod", "SampleQuantizationConfig"]

NAME = "sample_rounded"


@register_quantization_config(NAME)
class SampleQuantizationConfig(QuantizationConfig):
    """Round the weights of linear layers, row by row."""

    def get_name(self) -> str:
        """Tell the name under which it is registered."""
        return NAME

    def get_supported_act_dtypes(self) -> list[torch.dtype]:
        """Compute in what the platform computes in."""
        return [torch.float32, torch.bfloat16, torch.float16]

    @classmethod
    def get_min_capability(cls) -> int:
        """Ask for no capability."""
        return -1

    @staticmethod
    def get_config_filenames() -> list[str]:
        """Need no file."""
        return []

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SampleQuantizationConfig":
        """Take nothing from the checkpoint."""
        return cls()

    def get_quant_method(self, layer: torch.nn.Module, prefix: str) -> QuantizeMethodBase | None:
        """Round linear layers, and leave all others alone."""
        return SampleLinearMethod() if isinstance(layer, LinearBase) else None


class SampleLinearMethod(UnquantizedLinearMethod):
    """Multiply by weights of 255 levels in each row."""

    def process_weights_after_loading(self, layer: torch.nn.Module) -> None:
        """Round the weights that were loaded."""
        weight = layer.weight.data
        step = weight.abs().amax(dim=-1, keepdim=True).clamp_min(1e-12) / 127
        layer.weight.data = (weight / step).round() * step
        super().process_weights_after_loading(layer)
