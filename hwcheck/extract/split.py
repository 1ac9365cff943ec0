"""Taking chains apart."""

import re
from functools import lru_cache

from hwcheck.model.facts import Chain

__all__ = ["LITERALS", "root_of", "split_chain"]

#: Roots of chains that start with a value written out.
LITERALS = frozenset(
    f"{name}()" for name in ("str", "int", "float", "bool", "None", "list", "dict", "tuple", "set")
)

_ROOT = re.compile(r"[^.(\[~]*")
_STEP = re.compile(r"\.[^.(\[~]+|\(\)|\[\]|~|^[^.(\[~]+")


@lru_cache(maxsize=65536)
def split_chain(chain: Chain) -> tuple[str, ...]:
    """Split a chain into its root and its steps: ``a.b().c`` is ``a``, ``.b``, ``()``, ``.c``."""
    return tuple(_STEP.findall(chain))


@lru_cache(maxsize=65536)
def root_of(chain: Chain) -> str:
    """Return the name that a chain starts from; empty when it is not known."""
    found = _ROOT.match(chain)
    return found.group() if found else ""
