from vllm import envs


def register():
    return envs.VLLM_WAIT
