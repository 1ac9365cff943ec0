from dataclasses import dataclass

from vllm.state import State


@dataclass
class AcmeState(State):
    table: list[int]


def register(): ...
