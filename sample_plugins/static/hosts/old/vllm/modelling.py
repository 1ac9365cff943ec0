from vllm.norm import Norm


class Model:
    def __init__(self):
        self.norm = Norm(8)
