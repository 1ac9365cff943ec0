from vllm.platforms.interface import Platform


class AcmePlatform(Platform):
    @classmethod
    def check_and_update_config(cls, config):
        config.worker_cls = "vllm.v1.worker.gpu_worker.Worker"
