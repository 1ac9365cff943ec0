from vllm.start import capture


def register():
    capture(object(), [])
