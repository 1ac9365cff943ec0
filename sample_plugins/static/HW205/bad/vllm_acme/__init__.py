from vllm.metadata import Metadata


def register():
    return Metadata([1])
