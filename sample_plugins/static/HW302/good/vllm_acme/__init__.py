from vllm.engines.present import PresentRunner
from vllm.scheduler import Scheduler


class AcmeScheduler(Scheduler):
    def schedule(self, throttle=False): ...


class AcmeRunner(PresentRunner):
    def carry_out(self, output): ...

    def wind_down(self, *, force=False): ...

    def measure(self, kind=None, size=None):
        return 0


def register(): ...
