from vllm.start import start


def register():
    start({})
