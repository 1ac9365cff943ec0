from abc import ABC, abstractmethod


class Sampler(ABC):
    @abstractmethod
    def draw(self, logits): ...

    @abstractmethod
    def warm_up(self, size): ...
