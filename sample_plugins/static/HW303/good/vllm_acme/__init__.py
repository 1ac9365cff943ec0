from vllm.client import Client


class AcmeClient(Client):
    async def abort(self): ...


def register(): ...
