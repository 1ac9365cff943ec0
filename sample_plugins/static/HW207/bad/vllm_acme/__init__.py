from vllm.updating import update


def register():
    update(1)
