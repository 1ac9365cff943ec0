"""The calls of a host's module, without those that no plugin can answer."""

import builtins

from hwcheck.extract.frames import is_parameter, replace_locals
from hwcheck.extract.split import root_of
from hwcheck.extract.state import State
from hwcheck.model.facts import Calls

__all__ = ["calls_of"]

_BUILTINS = frozenset(dir(builtins))
_LITERAL_ROOTS = frozenset(
    {"str", "int", "float", "bool", "None", "list", "dict", "tuple", "set", "logger", "tl"}
)
#: Roots that no plugin stands behind: values, loggers, the language of Triton.
#: Methods of texts, lists, dictionaries and tensors.
_COMMON = frozenset(
    {*dir(str), *dir(list), *dir(dict)} - {"copy", "clear", "update", "remove", "insert", "index"}
    | {"view", "reshape", "transpose", "permute", "unsqueeze", "squeeze", "contiguous", "tolist"}
    | {"numel", "element_size", "stride", "expand", "copy_", "fill_", "masked_fill_", "zero_"}
    | {"cpu", "numpy", "unbind", "sum", "mean", "to", "size", "dim", "item", "data_ptr", "detach"}
    | {"is_contiguous", "float", "clone", "new_empty", "new_zeros"}
)


def calls_of(state: State) -> Calls:
    """List the calls in the order of the source."""
    kept = []
    bound = {binding.name for binding in state.bindings}
    for line, site, frame in state.sites:
        chain = f"{site.receiver}.{site.name}" if site.receiver else site.name
        root = root_of(chain)
        if site.receiver and site.name in _COMMON:
            continue
        if root in _LITERAL_ROOTS and not is_parameter(frame, chain):
            continue
        if not site.receiver and root in _BUILTINS and root not in bound:
            continue
        receiver = site.receiver
        if receiver:
            receiver = replace_locals(frame, receiver) or receiver
            if root_of(receiver) in ("str", "int", "dict", "list", "set", "tuple", "bool"):
                continue
        if not is_parameter(frame, chain) and root_of(receiver or site.name) in state.foreign:
            continue
        kept.append((line, site._replace(receiver=receiver)))
    kept.sort(key=lambda each: each[0])
    found = []
    before = 0
    for line, site in kept:
        found.append(site._replace(step=line - before))
        before = line
    return Calls(tuple(found))
