"""The kernel for linear layers whose weights have four bits."""

from typing import Any

import torch
from vllm.model_executor.kernels import linear as kernels
from vllm.model_executor.kernels.linear import MPLinearKernel, MPLinearLayerConfig
from vllm.model_executor.parameter import permute_param_layout_
from vllm.platforms.interface import PlatformEnum
from vllm.scalar_type import scalar_types

__all__ = ["SampleInt4Kernel", "register_kernel", "unpacked"]

_BITS = 4
#: Where zero is among the sixteen values.
_ZERO = 8


class SampleInt4Kernel(MPLinearKernel):
    """Unpack the weights once, when they are loaded."""

    @classmethod
    def get_min_capability(cls) -> int:
        """Ask for no capability."""
        return -1

    @classmethod
    def can_implement(cls, c: MPLinearLayerConfig) -> tuple[bool, str | None]:
        """Take signed values of four bits, in groups, and in the order of the inputs."""
        if c.weight_type != scalar_types.uint4b8 or c.zero_points:
            return False, "sample_cpu computes symmetric weights of four bits only"
        return True, None

    def process_weights_after_loading(self, layer: torch.nn.Module) -> None:
        """Put the values that the four bits stand for in their place."""
        packed, scales, _ = self._get_weight_params(layer)
        # Checkpoints of different methods have their words along different dimensions.
        permute_param_layout_(packed, input_dim=0, output_dim=1, packed_dim=0)
        permute_param_layout_(scales, input_dim=0, output_dim=1)
        weight = unpacked(packed.data, scales.data)
        self._transform_param(layer, self.w_q_name, lambda _: weight)

    def apply_weights(
        self, layer: torch.nn.Module, x: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Multiply as any linear layer does."""
        weight: Any = self._get_weight_params(layer)[0]
        return torch.nn.functional.linear(x, weight, bias)


def unpacked(packed: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """Turn inputs / 8 x outputs of packed values into outputs x inputs, scaled by their groups."""
    shifts = torch.arange(0, 32, _BITS, dtype=torch.int32)
    values = (packed[:, None, :] >> shifts[None, :, None]) & (2**_BITS - 1)
    values = values.reshape(-1, packed.shape[-1]) - _ZERO
    size = values.shape[0] // scales.shape[0]
    return (values * scales.repeat_interleave(size, dim=0)).to(scales.dtype).t().contiguous()


def register_kernel() -> None:
    """Offer it to vLLM's methods, whose table for plugins is empty; a second call does nothing."""
    if SampleInt4Kernel not in kernels._POSSIBLE_KERNELS.get(PlatformEnum.OOT, ()):
        kernels.register_linear_kernel(SampleInt4Kernel, PlatformEnum.OOT)
