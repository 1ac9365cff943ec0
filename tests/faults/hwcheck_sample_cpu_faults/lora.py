"""Faults of the Punica wrapper.

Batches in part without adapters are left out of some: there vLLM's own wrapper for the CPU fails
as well, and what fails there is not held against a plugin.
"""

from hwcheck_sample_cpu_faults.fault import fault


def _wrapper() -> type:
    from hwcheck_sample_cpu.lora import SamplePunicaWrapper

    return SamplePunicaWrapper


@fault(
    breaks=(
        "platform.concrete[get_punica_wrapper]",
        "lora.wrapper-abstract[abstract]",
    )
)
def punica_leaves_a_member_abstract() -> None:
    """A member of vLLM's base is not filled."""
    _wrapper().__abstractmethods__ = frozenset({"add_lora_logits"})


@fault(
    breaks=(
        "lora.wrapper-abstract[add_expand]",
        "lora.punica[add_expand]",
        "lora.punica[add_expand-mixed]",
        "lora.punica[add_expand-none]",
    )
)
def punica_expands_without_keywords() -> None:
    """The method does not take vLLM's keywords."""
    right = _wrapper().add_expand

    class Narrow(_wrapper()):
        def add_lora_linear(self, y, x, down, up, *rest):
            scale, output_slices = rest
            import torch

            shape = (len(output_slices), x.shape[0], up[0].shape[-1])
            buffer = torch.zeros(shape, dtype=torch.float32)
            self.add_shrink(buffer, x, down, scale)
            right(self, y, buffer, up, output_slices)

        def add_lora_embedding(self, y, x, up, **kwargs):
            right(self, y, (x,), (up,), (y.shape[-1],))

        def add_expand(self, y, x, lora_b_stacked, output_slices, offset=0):
            right(self, y, x, lora_b_stacked, output_slices, offset)

    import hwcheck_sample_cpu.lora

    Narrow.__module__ = _wrapper().__module__
    hwcheck_sample_cpu.lora.SamplePunicaWrapper = Narrow


@fault(
    breaks=(
        "platform.concrete[get_punica_wrapper]",
        "lora.punica[construct]",
    )
)
def punica_wants_another_keyword() -> None:
    """The constructor asks for what vLLM does not pass."""
    right = _wrapper().__init__

    def init(self, max_num_batched_tokens, max_batches, device, *, vocabulary, **kwargs):
        right(self, max_num_batched_tokens, max_batches, device, **kwargs)

    _wrapper().__init__ = init


@fault(breaks=("lora.punica[add_expand]", "lora.punica[add_expand-mixed]"))
def punica_expands_from_the_start() -> None:
    """The offset of a shard is not looked at."""
    right = _wrapper().add_expand

    def wrong(self, *given, offset_start=0, **named):
        right(self, *given, **named)

    _wrapper().add_expand = wrong


@fault(breaks=("lora.punica[add_lora_linear]", "lora.punica[add_lora_linear-mixed]"))
def punica_applies_the_first_adapter_to_all() -> None:
    """Linear layers look at the adapter of the first token alone."""
    right = _wrapper().add_lora_linear

    def wrong(self, *given, **named):
        kept = self.token_lora_indices.clone()
        self.token_lora_indices[:] = kept[:1]
        right(self, *given, **named)
        self.token_lora_indices[:] = kept

    _wrapper().add_lora_linear = wrong


@fault(breaks=("lora.punica[add_lora_embedding-mixed]", "lora.punica[add_lora_embedding-none]"))
def punica_gives_an_adapter_to_tokens_without() -> None:
    """An embedding of a token without adapter gets that of the last slot."""
    import hwcheck_sample_cpu.lora as module

    right = _wrapper().add_lora_embedding

    def unmasked(rows, weights, slots):
        import torch

        chosen = weights.flatten(0, 1)[slots].float()
        return torch.einsum("ti,toi->to", rows.float(), chosen)

    def wrong(self, *given, **named):
        masked, module._applied = module._applied, unmasked
        right(self, *given, **named)
        module._applied = masked

    _wrapper().add_lora_embedding = wrong


@fault(breaks=("lora.punica[add_shrink]", "lora.punica[add_shrink-mixed]"))
def punica_loses_precision() -> None:
    """Down to the rank, what goes in is rounded to eight bits first."""
    right = _wrapper().add_shrink

    def wrong(self, y, x, lora_a_stacked, scale, **kwargs):
        right(self, y, (x * 16).round() / 16, lora_a_stacked, scale)

    def linear(self, y, x, down, up, *rest):
        import torch

        scale, output_slices = rest
        shape = (len(output_slices), x.shape[0], up[0].shape[-1])
        buffer = torch.zeros(shape, dtype=torch.float32)
        right(self, buffer, x, down, scale)
        self.add_expand(y, buffer, up, output_slices)

    _wrapper().add_shrink = wrong
    _wrapper().add_lora_linear = linear
