"""Weights in eight bits, as compressed-tensors stores them: a scale for each output."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwcheck.exercise.serving.recipe import EightBits

__all__ = ["declare_floats", "rounded"]

Array = NDArray[np.float32]
Tensors = dict[str, NDArray[np.generic]]

_LARGEST_WHOLE = 127
_STORED, _MEANT = "U8", "F8_E4M3"


def _floats() -> Array:
    """Return what the codes from 0 to 126 stand for: four bits of exponent, three of mantissa."""
    codes = np.arange(127)
    exponents, mantissas = codes >> 3, codes & 7
    # Below the least exponent there is no hidden bit.
    hidden = np.where(exponents == 0, 0, 8)
    whole = (hidden + mantissas).astype(np.float32)
    found: Array = np.ldexp(whole, np.maximum(exponents, 1) - 10)
    return found


_FLOATS = _floats()
_BETWEEN = (_FLOATS[1:] + _FLOATS[:-1]) / 2


def rounded(weights: dict[str, Array], kind: EightBits, *, is_packed: bool) -> Tensors:
    """Round linear layers to eight bits: stored, or as the numbers that the bits stand for.

    What `declare_floats` has to declare are the unsigned bytes.
    """
    largest = _LARGEST_WHOLE if kind is EightBits.WHOLE else float(_FLOATS[-1])
    found: Tensors = {}
    for name, tensor in weights.items():
        if not name.endswith("_proj.weight"):
            found[name] = tensor
            continue
        scales = np.abs(tensor).max(axis=1, keepdims=True) / np.float32(largest)
        scaled = tensor / scales
        if kind is EightBits.WHOLE:
            values = np.round(scaled)
            stored: NDArray[np.generic] = values.astype(np.int8)
        else:
            codes = np.searchsorted(_BETWEEN, np.abs(scaled))
            values = np.copysign(_FLOATS[codes], scaled)
            stored = (codes | (scaled < 0) << 7).astype(np.uint8)
        if is_packed:
            found |= {name: stored, f"{name}_scale": scales}
        else:
            found[name] = values * scales
    return found


def declare_floats(file: Path) -> None:
    """Call the unsigned bytes of a safetensors file floats: numpy has no name for these."""
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    for entry in header.values():
        if entry.get("dtype") == _STORED:
            entry["dtype"] = _MEANT
    text = json.dumps(header, separators=(",", ":")).encode()
    # The tensors have to begin at a multiple of eight.
    text += b" " * (-len(text) % 8)
    file.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
