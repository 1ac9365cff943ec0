from vllm.sizer import Sizer


class AcmeSizer(Sizer):
    def measure_sizes(self):
        return 4, 5


def register(): ...
