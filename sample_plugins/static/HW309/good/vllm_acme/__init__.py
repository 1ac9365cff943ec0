from vllm.batch import Batch


class AcmeBatch(Batch):
    def __init__(self):
        self.size = 2
        self.order = []


def register(): ...
