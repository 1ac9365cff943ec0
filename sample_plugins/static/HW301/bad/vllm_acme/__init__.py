from vllm.platforms.interface import Platform


class AcmePlatform(Platform):
    def seed_everything(self, seed):
        self.seed = seed + 1


def register():
    return "vllm_acme.AcmePlatform"
