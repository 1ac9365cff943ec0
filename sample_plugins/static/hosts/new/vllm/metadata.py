from dataclasses import dataclass


@dataclass
class Metadata:
    lengths: list[int]
    table: list[int]
