from vllm.norm import Norm


@Norm.register_oot
class AcmeNorm(Norm):
    def __init__(self, size): ...


def register(): ...
