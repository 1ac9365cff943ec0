from vllm.sizer import Sizer


def take(sizer: Sizer):
    first, _ = sizer.measure_sizes()
    return first
