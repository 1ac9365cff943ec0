from vllm.updating import update


def register():
    finish = update(1)
    finish()
