from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vllm.shapes import Shape


def lay_out(shape: Shape): ...
