"""Faults of models that hear: sounds that are lost, or another request's."""

from hwcheck_sample_cpu_faults.fault import fault

_AUDIO = "family.multimodal.audio"


@fault(breaks=(f"{_AUDIO}[one]", f"{_AUDIO}[batch]"))
def sounds_are_not_heard() -> None:
    """What the encoder makes of a sound is not put into its places."""
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner

    right = GPUModelRunner._gather_mm_embeddings

    def wrong(self, *given, **named):
        embeddings, *rest = right(self, *given, **named)
        return ([item * 0 for item in embeddings], *rest)

    GPUModelRunner._gather_mm_embeddings = wrong


@fault(breaks=(f"{_AUDIO}[batch]",))
def sounds_of_a_batch_change_places() -> None:
    """Of several sounds in a step, each request gets the next one's."""
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner

    right = GPUModelRunner._gather_mm_embeddings

    def wrong(self, *given, **named):
        embeddings, *rest = right(self, *given, **named)
        return ([*embeddings[1:], *embeddings[:1]], *rest)

    GPUModelRunner._gather_mm_embeddings = wrong


@fault(breaks=(f"{_AUDIO}[batch]",))
def cached_blocks_forget_their_sound() -> None:
    """The hash of a cached block does not know which sound was heard in it."""
    from vllm.v1.core import kv_cache_utils

    right = kv_cache_utils._gen_mm_extra_hash_keys
    kv_cache_utils._gen_mm_extra_hash_keys = lambda *given: ([], right(*given)[1])
