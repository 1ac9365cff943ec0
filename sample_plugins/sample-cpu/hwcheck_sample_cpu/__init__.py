"""Tell vLLM about the sample platform and what it brings; importing this needs neither."""

__all__ = ["register", "register_ops"]


def register() -> str | None:
    """Name the platform class; a CPU is always present, so the answer is never None."""
    return "hwcheck_sample_cpu.sample_platform.SampleCpuPlatform"


def register_ops() -> None:
    """Register what vLLM knows by name: operators, a model, a quantization method, a connector.

    A second call changes nothing.
    """
    # These import vLLM's layers, which is too early while the platform is registered.
    from vllm import ModelRegistry
    from vllm.distributed.kv_transfer.kv_connector.factory import KVConnectorFactory

    # Importing it registers the method.
    import hwcheck_sample_cpu.quantization  # noqa: F401
    from hwcheck_sample_cpu.eight_bit_kernels import register_eight_bit_kernels
    from hwcheck_sample_cpu.linear_kernel import register_kernel
    from hwcheck_sample_cpu.operators import replace_operators

    replace_operators()
    register_kernel()
    register_eight_bit_kernels()
    # As text, so that the model is imported where it is used alone.
    ModelRegistry.register_model(
        "SampleDecoderForCausalLM", "hwcheck_sample_cpu.decoder:SampleDecoderForCausalLM"
    )
    # register_connector() refuses a name that it knows, so a second call must not reach it.
    if "SampleConnector" not in KVConnectorFactory._registry:
        KVConnectorFactory.register_connector(
            "SampleConnector", "hwcheck_sample_cpu.connector", "SampleConnector"
        )
