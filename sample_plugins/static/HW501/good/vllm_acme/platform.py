from vllm.platforms.interface import Platform


class AcmePlatform(Platform):
    @classmethod
    def check_and_update_config(cls, config):
        config.worker_cls = "vllm.v1.worker.gpu_worker.Worker"

    def get_helper_cls(self):
        return "vllm.v1.worker.gpu_worker.Worker"

    def get_later_cls(self):
        return "vllm.later.Wrapper"
