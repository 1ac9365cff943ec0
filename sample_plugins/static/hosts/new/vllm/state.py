from dataclasses import dataclass


@dataclass
class State:
    blocks: int
    block_size: int = 16
