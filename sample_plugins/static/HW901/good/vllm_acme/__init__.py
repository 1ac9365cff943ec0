from vllm.rotary import turn


def register():
    turn(1)
