from vllm.scheduler import Scheduler


class Core:
    scheduler: Scheduler

    def step(self):
        return self.scheduler.schedule(throttle=True)
