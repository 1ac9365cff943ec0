from vllm.backend import Backend


def show(backend: Backend):
    return backend.describe()
