from vllm.request import Request


def register():
    return Request("one")
