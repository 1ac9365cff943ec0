from vllm.backend import Backend


def show(backend: type[Backend]):
    return backend.describe()
