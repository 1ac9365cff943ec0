from vllm.rotary import rotate


def register():
    rotate(1)
