"""The kernels for linear layers whose weights and inputs have eight bits."""

from typing import Any

import torch
from vllm.model_executor.kernels import linear as kernels
from vllm.model_executor.kernels.linear import (
    FP8ScaledMMLinearKernel,
    FP8ScaledMMLinearLayerConfig,
    Int8ScaledMMLinearKernel,
    Int8ScaledMMLinearLayerConfig,
)
from vllm.platforms.interface import PlatformEnum

__all__ = ["SampleFp8Kernel", "SampleInt8Kernel", "register_eight_bit_kernels", "scaled"]

_LARGEST = 127


class SampleInt8Kernel(Int8ScaledMMLinearKernel):
    """Round the inputs of each token, and multiply whole numbers."""

    @classmethod
    def is_supported(cls, compute_capability: int | None = None) -> tuple[bool, str | None]:
        """Run everywhere."""
        return True, None

    @classmethod
    def can_implement(cls, c: Int8ScaledMMLinearLayerConfig) -> tuple[bool, str | None]:
        """Take scales of outputs and of tokens."""
        if not c.is_channelwise or c.is_static_input_scheme or not c.input_symmetric:
            return False, "sample_cpu computes symmetric scales of outputs and tokens only"
        return True, None

    def process_weights_after_loading(self, layer: torch.nn.Module) -> None:
        """Leave them as they were loaded."""

    def apply_weights(
        self, layer: torch.nn.Module, x: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Scale the product by the output and the token."""
        weight, scales, *_ = self._get_layer_params(layer)
        inputs = x.float()
        steps = inputs.abs().amax(dim=-1, keepdim=True).clamp(min=1e-12) / _LARGEST
        product = (inputs / steps).round() @ weight.float().t()
        return scaled(product, steps, scales, bias).to(x.dtype)


class SampleFp8Kernel(FP8ScaledMMLinearKernel):
    """Multiply what eight bits stand for."""

    @classmethod
    def is_supported(cls, compute_capability: int | None = None) -> tuple[bool, str | None]:
        """Run everywhere."""
        return True, None

    @classmethod
    def can_implement(cls, c: FP8ScaledMMLinearLayerConfig) -> tuple[bool, str | None]:
        """Take scales of outputs and of tokens."""
        inputs, outputs = c.activation_quant_key.scale, c.weight_quant_key.scale
        if inputs.static or not inputs.group_shape.is_per_token():
            return False, "sample_cpu computes scales of tokens only"
        if not outputs.group_shape.is_per_channel():
            return False, "sample_cpu computes scales of outputs only"
        return True, None

    # The names are vLLM's.
    def apply_scaled_mm(
        self,
        *,
        A: torch.Tensor,
        B: torch.Tensor,
        out_dtype: torch.dtype,
        As: torch.Tensor,
        Bs: torch.Tensor,
        bias: torch.Tensor | None,
        output_shape: list[int],
    ) -> torch.Tensor:
        """Scale the product by the output and the token."""
        return scaled(A.float() @ B.float(), As, Bs, bias).to(out_dtype).view(*output_shape)


def scaled(
    product: torch.Tensor,
    tokens: torch.Tensor,
    outputs: torch.Tensor,
    bias: torch.Tensor | None,
) -> torch.Tensor:
    """Scale tokens x outputs by what belongs to each."""
    result = product * tokens.view(-1, 1) * outputs.view(1, -1)
    return result if bias is None else result + bias.float()


def register_eight_bit_kernels() -> None:
    """Offer them to vLLM's methods; a second call does nothing."""
    known: Any = kernels
    for table, kernel, kind in (
        (known._POSSIBLE_INT8_KERNELS, SampleInt8Kernel, "int8"),
        (known._POSSIBLE_FP8_KERNELS, SampleFp8Kernel, "fp8"),
    ):
        if kernel not in table.get(PlatformEnum.OOT, ()):
            kernels.register_linear_kernel(kernel, PlatformEnum.OOT, kind)
