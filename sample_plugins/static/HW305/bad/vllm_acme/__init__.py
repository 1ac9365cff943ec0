from vllm.sampler import Sampler


class AcmeSampler(Sampler):
    def draw(self, logits): ...


def register():
    return AcmeSampler()
