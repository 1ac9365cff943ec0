"""The conformance suite that comes with hwcheck, offered through the same hook as any other."""

from collections.abc import Iterable
from dataclasses import dataclass

from hwcheck.hooks import Suite, hookimpl

__all__ = ["hwcheck_suites"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suite:
    name: str
    package: str


@hookimpl
def hwcheck_suites() -> Iterable[Suite]:
    """Return the built-in suite."""
    return (_Suite(name="hwcheck", package="hwcheck_conformance"),)
