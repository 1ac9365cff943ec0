"""Operators in torch's own registry, with what the compiler needs to know of them."""

import torch
from torch.library import Library
from vllm.utils.torch_utils import direct_register_custom_op

__all__ = ["define_operators"]

#: Torch forgets the operators when the library is forgotten.
_LIBRARY = Library("hwcheck_sample_cpu", "FRAGMENT")


def define_operators() -> None:
    """Define the operators; calling it again changes nothing."""
    if not hasattr(torch.ops.hwcheck_sample_cpu, "gelu_and_mul"):
        direct_register_custom_op(
            op_name="gelu_and_mul",
            op_func=_gelu_and_mul,
            fake_impl=_gelu_and_mul_shape,
            target_lib=_LIBRARY,
        )


def _gelu_and_mul(x: torch.Tensor, approximate: str) -> torch.Tensor:
    gate, up = x.chunk(2, dim=-1)
    return torch.nn.functional.gelu(gate, approximate=approximate) * up


def _gelu_and_mul_shape(x: torch.Tensor, approximate: str) -> torch.Tensor:
    return x.new_empty((*x.shape[:-1], x.shape[-1] // 2))
