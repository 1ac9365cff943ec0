"""Tell vLLM about a platform whose vendor's libraries do not exist anywhere."""

__all__ = ["register", "register_models"]


def register() -> str | None:
    """Name the platform class without looking for the libraries, as many plugins do."""
    return "hwcheck_sample_needs_sdk.platform_class.NeedsSdkPlatform"


def register_models() -> None:
    """Tell vLLM about a model, by its path: vLLM looks into the class in another process."""
    # vLLM is there when it calls this, and not before.
    from vllm import ModelRegistry

    ModelRegistry.register_model(
        "NeedsSdkForCausalLM", "hwcheck_sample_needs_sdk.model:NeedsSdkForCausalLM"
    )
