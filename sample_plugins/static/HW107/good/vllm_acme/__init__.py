from vllm.fused import FusedRunner


def is_fused(layer):
    return isinstance(layer, FusedRunner)


def register(): ...
