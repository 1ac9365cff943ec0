from vllm import pools


class AcmePool(pools.FixedPool): ...


def register(): ...
