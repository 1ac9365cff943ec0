import vllm.kernels


def acme_softmax(x): ...


def register():
    vllm.kernels.softmax = acme_softmax
