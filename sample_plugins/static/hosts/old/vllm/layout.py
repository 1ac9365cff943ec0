from vllm.shapes import Shape


def lay_out(shape: Shape): ...
