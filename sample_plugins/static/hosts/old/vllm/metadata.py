from dataclasses import dataclass


@dataclass
class Metadata:
    lengths: list[int]
