import vllm.ops


def acme_blend(x):
    return x + 2


def register():
    vllm.ops.blend = acme_blend
