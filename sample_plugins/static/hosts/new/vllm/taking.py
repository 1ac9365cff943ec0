from vllm.sizer import Sizer


def take(sizer: Sizer):
    first, _, _ = sizer.measure_sizes()
    return first
