"""What hwcheck raises when it cannot do its work; a plugin's failure is a result instead."""

__all__ = [
    "CodecError",
    "ConfigError",
    "DiscoveryError",
    "ExtensionError",
    "HostError",
    "HwcheckError",
    "ReportError",
    "RunError",
    "SourceError",
    "UnknownHostError",
    "UsageError",
]


class HwcheckError(Exception):
    """hwcheck could not do its work; the text tells on what, and what to do next."""


class UsageError(HwcheckError):
    """The user asked for something that cannot be done as asked (exit code 2)."""


class ConfigError(UsageError):
    """The configuration in the plugin's repository is not as it has to be."""


class DiscoveryError(UsageError):
    """No plugin can be read from the target that was named."""


class SourceError(UsageError):
    """No Python files can be read from what was named."""


class HostError(HwcheckError):
    """No usable vLLM was found."""


class UnknownHostError(HostError, UsageError):
    """The host that was named is not known, or no vLLM."""


class ExtensionError(HwcheckError):
    """An extension of hwcheck is not usable: a misspelt hook, a duplicate name, a wrong object."""


class CodecError(HwcheckError):
    """A stored document cannot be read or written."""


class RunError(HwcheckError):
    """The conformance suite could not be run to its end."""


class ReportError(HwcheckError):
    """A report cannot be made or written."""
