"""The defect: get_attn_backend_cls has the parameters of an older vLLM."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_stale_attention_signature.device_platform.DevicePlatform"
