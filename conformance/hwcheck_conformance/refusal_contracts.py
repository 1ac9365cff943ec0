"""The contracts about how a platform says no."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]

CONFIGURATION = Contract(
    id="refusal.configuration",
    profile=Profile.P1,
    title="A configuration that asks for one feature is served, or refused with a reason",
    relied_on_by="VllmConfig.__post_init__ in vllm/config/vllm.py: hands what the platform raises "
    "to the user who asked for the feature",
    remedy="raise ValueError or NotImplementedError with a message that names the feature, or "
    "log a warning where it is switched off",
    checked="one configuration for each feature, on the way that an engine takes; an exception "
    "that is neither ValueError nor NotImplementedError, or has no message, is a breach; a feature "
    "that is switched off without a warning is marked as ignored-silently",
    examined_in="behaviour",
    members=("check_and_update_config", "is_sleep_mode_available", "get_punica_wrapper"),
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
