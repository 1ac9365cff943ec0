from vllm.backend import Backend


class AcmeBackend(Backend):
    @staticmethod
    def describe(): ...


def register(): ...
