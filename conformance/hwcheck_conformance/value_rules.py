"""What a member's value must be for vLLM to work with it."""

from collections.abc import Callable

from hwcheck.model.observation import ValueSeen

__all__ = ["value_fault"]

_ENUM = "vllm.platforms.interface.PlatformEnum"
#: vLLM asks predicates for their truth only; what is not listed is always true, as 'False' is.
_TRUTHS = frozenset({"bool", "bool_", "int", "NoneType"})
_CAPABILITY = "vllm.platforms.interface.DeviceCapability"


def value_fault(seen: ValueSeen, rule: str) -> str | None:
    """Say why a value breaks a rule of the members table, ``None`` when it does not."""
    return None if _holds(seen, rule) else f"is {seen.text} of type {seen.type}; it must be {rule}"


def _holds(seen: ValueSeen, rule: str) -> bool:
    if rule not in _RULES:
        raise ValueError(f"the members table has a rule that is not known: {rule!r}")
    return _RULES[rule](seen)


def _is_none(seen: ValueSeen) -> bool:
    return seen.type == "NoneType"


def _is_positive(seen: ValueSeen) -> bool:
    return seen.number is not None and seen.number > 0


def _is_list_of(seen: ValueSeen, item_type: str) -> bool:
    return "builtins.list" in seen.type_bases and all(
        kind == item_type for kind in seen.item_types or ()
    )


_RULES: dict[str, Callable[[ValueSeen], bool]] = {
    "any": lambda seen: True,
    "bool": lambda seen: seen.type in _TRUTHS,
    "str": lambda seen: seen.string is not None,
    "non-empty str": lambda seen: bool(seen.string),
    "int > 0": _is_positive,
    "int > 0 or None": lambda seen: _is_none(seen) or _is_positive(seen),
    "None": _is_none,
    "dict": lambda seen: "builtins.dict" in seen.type_bases,
    "list[str]": lambda seen: _is_list_of(seen, "str"),
    "list[torch.dtype], non-empty": lambda seen: bool(seen.items) and _is_list_of(seen, "dtype"),
    "torch.dtype": lambda seen: "torch.dtype" in seen.type_bases,
    "PlatformEnum": lambda seen: _ENUM in seen.type_bases,
    "DeviceCapability or None": lambda seen: _is_none(seen) or _CAPABILITY in seen.type_bases,
}
