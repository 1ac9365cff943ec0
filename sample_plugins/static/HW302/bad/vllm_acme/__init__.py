from vllm.engines.present import PresentRunner
from vllm.scheduler import Scheduler


class AcmeScheduler(Scheduler):
    def schedule(self): ...


class AcmeRunner(PresentRunner):
    def carry_out(self, output): ...

    def wind_down(self): ...

    def measure(self, kind=None, size=None):
        return size


def register(): ...
