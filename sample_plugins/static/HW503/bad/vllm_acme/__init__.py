from vllm.rotary import turn


def registr():
    turn(1)
