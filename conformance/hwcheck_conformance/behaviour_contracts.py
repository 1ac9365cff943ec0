"""The contracts about what a platform's members do."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]

DEVICE_MAPPING = Contract(
    id="platform.device-mapping",
    profile=Profile.P1,
    title="Device ids follow the variable that masks devices",
    relied_on_by="get_physical_gpu_ids_for_local_dp_rank() in vllm/v1/engine/utils.py, "
    "the NIC mapping and the data parallel code: call device_id_to_physical_device_id()",
    remedy="read device_control_env_var at each call, and map ordinal i to its i-th entry",
    checked="200 masks, each an ordered selection of up to eight devices: ordinal i has to be the "
    "i-th entry of the mask",
    examined_in="behaviour",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
