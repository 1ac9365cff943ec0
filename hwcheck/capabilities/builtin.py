"""The capabilities that come with hwcheck."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from hwcheck.hooks import hookimpl
from hwcheck.model.capability import Capability

__all__ = ["hwcheck_capabilities"]

_TABLE = "taxonomy.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taxonomy:
    schema: Literal["hwcheck.taxonomy"]
    version: Literal[1]
    capabilities: tuple[Capability, ...]


@hookimpl
def hwcheck_capabilities() -> Iterable[Capability]:
    """Return the built-in taxonomy, sorted by id."""
    return _taxonomy().capabilities


@cache
def _taxonomy() -> _Taxonomy:
    # Both stay out of the start-up: every command loads this module, few fold.
    from importlib.resources import files

    from hwcheck.codec import decode_line

    data = (files("hwcheck.capabilities") / _TABLE).read_bytes()
    return decode_line(data, _Taxonomy, _TABLE)
