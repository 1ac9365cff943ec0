from abc import ABC, abstractmethod


class Sampler(ABC):
    @abstractmethod
    def draw(self, logits): ...
