"""LoRA adapters in plain torch; vLLM's own form for the CPU gives one to tokens that have none."""

import torch
from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU

__all__ = ["SamplePunicaWrapper"]


def _applied(rows: torch.Tensor, weights: torch.Tensor, slots: torch.Tensor) -> torch.Tensor:
    """Multiply each row by the weights in its slot; where the slot is -1, give zeros."""
    chosen = weights.flatten(0, 1)[slots.clamp_min(0)].float()
    result = torch.einsum("ti,toi->to", rows.float(), chosen)
    return result.masked_fill(slots[:, None] < 0, 0.0)


class SamplePunicaWrapper(PunicaWrapperCPU):
    """Compute adapters row by row, in float32."""

    def add_shrink(
        self,
        y: tuple[torch.Tensor, ...] | torch.Tensor,
        x: torch.Tensor,
        lora_a_stacked: tuple[torch.Tensor, ...],
        scale: float,
        **kwargs: object,
    ) -> None:
        """Go down to the adapters' rank, one part of the layer after the other."""
        rows = x.view(-1, x.shape[-1])
        for part, weights in zip(y, lora_a_stacked, strict=True):
            part.add_(_applied(rows, weights, self.token_lora_indices) * scale)

    def add_expand(  # noqa: PLR0917 - the parameters are vLLM's
        self,
        y: torch.Tensor,
        x: tuple[torch.Tensor, ...] | torch.Tensor,
        lora_b_stacked: tuple[torch.Tensor, ...],
        output_slices: tuple[int, ...],
        offset_start: int = 0,
        add_inputs: bool = True,
        **kwargs: object,
    ) -> None:
        """Go up from the adapters' rank, each part into its slice of the output."""
        rows = y.view(-1, y.shape[-1])
        start = offset_start
        for part, weights, width in zip(x, lora_b_stacked, output_slices, strict=True):
            result = _applied(part, weights, self.token_lora_indices).to(y.dtype)
            target = rows[:, start : start + width]
            target.copy_(target + result if add_inputs else result)
            start += width

    def add_lora_embedding(
        self,
        y: torch.Tensor,
        x: torch.Tensor,
        lora_b_stacked: torch.Tensor,
        add_inputs: bool = True,
        **kwargs: object,
    ) -> None:
        """Go up from the rows that the embedding layer looked up."""
        self.add_expand(y, (x,), (lora_b_stacked,), (y.shape[-1],), add_inputs=add_inputs)

    def add_lora_logits(
        self,
        y: torch.Tensor,
        x: torch.Tensor,
        lora_a_stacked: torch.Tensor,
        lora_b_stacked: torch.Tensor,
        scale: float,
        *,
        buffer: torch.Tensor | None = None,
        **kwargs: object,
    ) -> None:
        """Add to the logits, whose rows are requests instead of tokens."""
        slots = self.sampler_indices
        down = _applied(x.view(-1, x.shape[-1]), lora_a_stacked, slots) * scale
        result = _applied(down, lora_b_stacked, slots).to(y.dtype)
        rows = y.view(-1, y.shape[-1])
        rows[:, : result.shape[-1]] += result
