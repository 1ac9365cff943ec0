from vllm import pools


class AcmePool(pools.GrowingPool): ...


def register(): ...
