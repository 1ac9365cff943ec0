import os

from vllm.rotary import turn


def register():
    os.environ["VLLM_WAIT"] = "1"
    turn(1)
