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
