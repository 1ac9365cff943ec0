from vllm.fused import FusedLayer


def is_fused(layer):
    return isinstance(layer, FusedLayer)


def register(): ...
