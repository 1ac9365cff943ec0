from vllm.v1.throttle import Throttle


def register():
    return Throttle()
