"""The host source and the static rules that hwcheck itself registers."""

from collections.abc import Iterable

from hwcheck.hooks import HostSource, Rule, hookimpl
from hwcheck.hosts.installed import InstalledHostSource

__all__ = ["hwcheck_hosts", "hwcheck_rules"]


@hookimpl
def hwcheck_hosts() -> Iterable[HostSource]:
    """Return the installed vLLM as a source of hosts."""
    return (InstalledHostSource(),)


@hookimpl
def hwcheck_rules() -> Iterable[Rule]:
    """Return no rules: the static side has none yet."""
    return ()
