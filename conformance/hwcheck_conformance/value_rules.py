"""What a member's value must be for vLLM to work with it."""

from hwcheck.model.observation import ValueSeen

__all__ = ["value_fault"]

_ENUM = "vllm.platforms.interface.PlatformEnum"
_CAPABILITY = "vllm.platforms.interface.DeviceCapability"


def value_fault(seen: ValueSeen, rule: str) -> str | None:
    """Say why a value breaks a rule of the members table, ``None`` when it does not."""
    return None if _holds(seen, rule) else f"is {seen.text} of type {seen.type}; it must be {rule}"


def _holds(seen: ValueSeen, rule: str) -> bool:
    match rule:
        case "any":
            return True
        case "bool":
            return seen.type == "bool"
        case "str":
            return seen.string is not None
        case "non-empty str":
            return bool(seen.string)
        case "int > 0":
            return seen.number is not None and seen.number > 0
        case "int > 0 or None":
            return seen.type == "NoneType" or (seen.number is not None and seen.number > 0)
        case "None":
            return seen.type == "NoneType"
        case "dict":
            return "builtins.dict" in seen.type_bases
        case "list[str]":
            return _is_list_of(seen, "str")
        case "list[torch.dtype], non-empty":
            return bool(seen.items) and _is_list_of(seen, "dtype")
        case "torch.dtype":
            return "torch.dtype" in seen.type_bases
        case "PlatformEnum":
            return _ENUM in seen.type_bases
        case "DeviceCapability or None":
            return seen.type == "NoneType" or _CAPABILITY in seen.type_bases
    raise ValueError(f"the members table has a rule that is not known: {rule!r}")


def _is_list_of(seen: ValueSeen, item_type: str) -> bool:
    return "builtins.list" in seen.type_bases and all(
        kind == item_type for kind in seen.item_types or ()
    )
