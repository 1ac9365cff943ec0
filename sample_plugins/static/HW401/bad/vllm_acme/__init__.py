import vllm.kernels


def acme_softmax(x): ...


def register():
    vllm.kernels.soften = acme_softmax
