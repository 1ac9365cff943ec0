from vllm.metadata import Metadata


def register():
    return Metadata([1], table=[2])
