from vllm.backend import Backend


class AcmeBackend(Backend):
    def describe(self): ...


def register(): ...
