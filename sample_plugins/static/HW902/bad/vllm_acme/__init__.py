from vllm.rotary import turn  # hwcheck: ignore[HW102]


def register():
    turn(1)
