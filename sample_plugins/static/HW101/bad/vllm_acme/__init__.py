from vllm.throttle import Throttle


def register():
    return Throttle()
