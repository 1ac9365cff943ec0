from vllm.client import Client


class AcmeClient(Client):
    def abort(self): ...


def register(): ...
