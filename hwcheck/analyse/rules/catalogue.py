"""The catalogue of the built-in rules."""

from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules import (
    in_abstract,
    in_constructor,
    in_gone,
    in_kind,
    in_patch_original,
    in_patch_signature,
    in_patch_target,
    in_return,
    in_signature,
    in_state,
    in_worker,
    out_attributes,
    out_calls,
    out_fields,
    out_imports,
    out_kinds,
    out_results,
    out_strings,
)

__all__ = ["BUILT_IN_RULES"]

_FAMILIES = (
    out_imports,
    out_attributes,
    out_kinds,
    out_calls,
    out_results,
    out_fields,
    out_strings,
    in_abstract,
    in_constructor,
    in_gone,
    in_kind,
    in_patch_original,
    in_patch_signature,
    in_patch_target,
    in_return,
    in_signature,
    in_state,
    in_worker,
)

#: All of them, by id.
BUILT_IN_RULES: tuple[Rule, ...] = tuple(
    sorted((rule for family in _FAMILIES for rule in family.RULES), key=lambda rule: rule.id)
)
