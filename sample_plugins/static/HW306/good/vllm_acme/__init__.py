from vllm.communicator import Communicator


class AcmeCommunicator(Communicator):
    def __init__(self, group, device=None, use_all2all=False): ...


def get_communicator_class():
    return "vllm_acme.AcmeCommunicator"


def register(): ...
