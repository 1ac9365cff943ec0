from vllm.client import Client


async def end(client: Client):
    client.abort()
