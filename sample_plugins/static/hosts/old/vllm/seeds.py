from vllm.platforms.interface import Platform


def start(platform: Platform):
    platform.seed_everything(1)
    platform.get_helper_cls()
