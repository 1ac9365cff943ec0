from vllm.platforms.interface import Platform


class AcmePlatform(Platform):
    @classmethod
    def check_and_update_config(cls, config):
        config.worker_cls = "vllm.engine_worker.OldEngineWorker"

    def get_helper_cls(self):
        return "vllm.helper.Helper"
