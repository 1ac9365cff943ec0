"""Faults of engines that hand keys and values on: what one saves does not reach the other."""

from hwcheck_sample_cpu_faults.fault import fault

_TRANSFER = "family.kv-transfer"


@fault(breaks=(f"{_TRANSFER}.saved[saved]", f"{_TRANSFER}.loaded[loaded]"))
def transfer_is_dropped() -> None:
    """The platform takes the transfer out of the configuration, and says nothing."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.check_and_update_config.__func__

    def wrong(cls, vllm_config):
        right(cls, vllm_config)
        vllm_config.kv_transfer_config = None

    SampleCpuPlatform.check_and_update_config = classmethod(wrong)


@fault(breaks=(f"{_TRANSFER}.loaded[tokens]",))
def loading_is_left_out() -> None:
    """The runner lets the connector save, and never begins to load."""
    from vllm.distributed.kv_transfer.kv_connector.v1.example_connector import ExampleConnector

    ExampleConnector.start_load_kv = lambda self, forward_context, **named: None


@fault(breaks=(f"{_TRANSFER}.loaded[tokens]",))
def caches_are_copied_for_the_connector() -> None:
    """The connector is given a copy of the caches, as after a change of their layout."""
    from vllm.distributed.kv_transfer.kv_connector.v1.example_connector import ExampleConnector

    right = ExampleConnector.start_load_kv

    def wrong(self, forward_context, **named):
        layers = forward_context.no_compile_layers
        kept = {name: layer.kv_cache for name, layer in layers.items() if _has_cache(layer)}
        for name, cache in kept.items():
            layers[name].kv_cache = cache.clone()
        right(self, forward_context, **named)
        for name, cache in kept.items():
            layers[name].kv_cache = cache

    ExampleConnector.start_load_kv = wrong


def _has_cache(layer) -> bool:
    return getattr(layer, "kv_cache", None) is not None
