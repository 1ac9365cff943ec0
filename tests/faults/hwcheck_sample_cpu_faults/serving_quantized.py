"""Faults of weights in few bits: they are unpacked, and not to the numbers that were meant."""

from hwcheck_sample_cpu_faults.fault import fault


def _change_weights(changed) -> None:
    """Change what is unpacked from the words and scales of a layer."""
    import hwcheck_sample_cpu.linear_kernel as module

    right = module.unpacked
    module.unpacked = lambda packed, scales: changed(right, packed, scales)


@fault(breaks=("family.quantization.int4[batch]", "family.quantization.int4[one]"))
def groups_take_the_scale_of_the_next() -> None:
    """The scales of the groups are counted from one."""
    _change_weights(lambda right, packed, scales: right(packed, scales.roll(1, 0)))


@fault(breaks=("family.quantization.int4[batch]", "family.quantization.int4[one]"))
def four_bits_are_read_from_the_other_end() -> None:
    """The first of eight weights is taken from the highest bits of a word."""

    def wrong(right, packed, scales):
        weight = right(packed, scales)
        return weight.view(weight.shape[0], -1, 8).flip(-1).reshape(weight.shape)

    _change_weights(wrong)


@fault(breaks=("family.quantization.int8",))
def outputs_take_the_scale_of_the_next() -> None:
    """The scales of the outputs of a layer in whole numbers are counted from one."""
    from hwcheck_sample_cpu.eight_bit_kernels import SampleInt8Kernel

    def wrong(self, layer):
        layer.weight_scale.data = layer.weight_scale.data.roll(1, 0)

    SampleInt8Kernel.process_weights_after_loading = wrong


@fault(breaks=("family.quantization.fp8",))
def tokens_take_the_scale_of_the_first() -> None:
    """The inputs of a layer in floats of eight bits are scaled back as those of the first token."""
    from hwcheck_sample_cpu.eight_bit_kernels import SampleFp8Kernel

    right = SampleFp8Kernel.apply_scaled_mm

    def wrong(self, **named):
        return right(self, **{**named, "As": named["As"][:1].expand_as(named["As"])})

    SampleFp8Kernel.apply_scaled_mm = wrong
