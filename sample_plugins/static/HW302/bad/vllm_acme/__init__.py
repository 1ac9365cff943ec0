from vllm.scheduler import Scheduler


class AcmeScheduler(Scheduler):
    def schedule(self): ...


def register(): ...
