class WorkerBase:
    def init_device(self):
        raise NotImplementedError
