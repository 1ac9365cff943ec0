from vllm.start import stop


def register():
    stop({})
