from vllm.client import Client


async def end(client: Client):
    await client.abort()
