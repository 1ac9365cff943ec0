import vllm.ops


def acme_mix(x):
    return x + 2


def register():
    vllm.ops.mix = acme_mix
