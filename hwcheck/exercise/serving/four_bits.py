"""Weights in four bits, as compressed-tensors packs them: eight in a word, a scale for a group."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["rounded"]

Array = NDArray[np.float32]
Tensors = dict[str, NDArray[np.generic]]

_IN_A_WORD = 8
#: Where zero is among the sixteen values.
_ZERO = 8
_LARGEST = 7


def rounded(weights: dict[str, Array], group: int, *, is_packed: bool) -> Tensors:
    """Round linear layers to four bits: packed, or as the numbers that the bits stand for."""
    found: Tensors = {}
    for name, tensor in weights.items():
        if not name.endswith("_proj.weight"):
            found[name] = tensor
            continue
        values, scales = _quantized(tensor, group)
        if is_packed:
            found |= {
                f"{name}_packed": _words(values),
                f"{name}_scale": scales.astype(np.float16),
                f"{name}_shape": np.array(tensor.shape, dtype=np.int64),
            }
        else:
            widened = np.repeat(scales, group, axis=1)
            found[name] = (values.astype(np.float32) - _ZERO) * widened
    return found


def _quantized(tensor: Array, group: int) -> tuple[NDArray[np.uint32], Array]:
    """Turn outputs x inputs into values from 0 to 15 and a scale for each group."""
    outputs, inputs = tensor.shape
    grouped = tensor.reshape(outputs, inputs // group, group)
    scales = _shortened(np.abs(grouped).max(axis=2) / np.float32(_LARGEST))
    values = np.clip(np.round(grouped / scales[..., None]), -_ZERO, _LARGEST) + _ZERO
    return values.reshape(outputs, inputs).astype(np.uint32), scales


def _shortened(numbers: Array) -> Array:
    """Cut numbers to what bfloat16 and float16 hold alike, so that both compute the same model."""
    cut: Array = (numbers.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    return cut


def _words(values: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Put eight neighbours of a row into one word, the first in its lowest bits."""
    rows, columns = values.shape
    parts = values.reshape(rows, columns // _IN_A_WORD, _IN_A_WORD)
    shifts = np.arange(_IN_A_WORD, dtype=np.uint32) * np.uint32(4)
    words: NDArray[np.uint32] = np.bitwise_or.reduce(parts << shifts, axis=2)
    return words.view(np.int32)
