from dataclasses import dataclass


@dataclass
class State:
    blocks: int
