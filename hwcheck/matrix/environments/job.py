"""One run that the matrix wants: what is installed, what is run in it, and how it ended."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from hwcheck.model.matrix_attempt import Ending

__all__ = ["Job", "JobResult", "fingerprint"]

_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One plugin release under one host."""

    plugin: str
    version: str
    entry: str
    """What `hwcheck run` is told to run."""
    host: str
    torch: str | None = None
    device: str | None = None
    requirements: tuple[str, ...] = ()
    """What is installed together, so that what contradicts another is found: host, torch, and what
    the plugin requires besides them."""
    plugin_install: str = ""
    """The plugin as pip takes it; installed alone, since it names a vLLM that the host may not be
    called."""
    removed: tuple[str, ...] = ()
    """Distributions taken out again, such as companions that do not fit the torch."""
    python: str | None = None
    """An interpreter whose environment holds it all already; nothing is installed then."""
    base_python: str = "python3.11"
    options: tuple[str, ...] = ()
    """Further options of `hwcheck run`."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment variables of the run."""
    limit: float = 3600.0
    """Seconds that the run itself may take."""

    @property
    def name(self) -> str:
        """The name of the environment: readable, unique in a matrix, safe in a path."""
        words = [self.plugin, self.version, "vllm", self.host]
        if self.torch is not None:
            words += ["torch", self.torch]
        if self.device is not None:
            words += ["on", self.device]
        # tox takes words between hyphens for interpreters where they look like versions.
        plain = "_".join(_UNSAFE.sub("_", word).strip("_.") for word in words)
        # Two texts can have one plain form.
        return f"{plain[:120]}_{hashlib.sha256(repr(words).encode()).hexdigest()[:6]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What became of a job."""

    job: Job
    ending: Ending
    document: Path | None = None
    """The run document, where there is one."""
    reason: str = ""
    log: str = ""
    """The end of what was said, where there is no run document."""
    seconds: float = field(default=0.0, compare=False)


def fingerprint(job: Job, digest: str) -> str:
    """Name what a job depends on; `digest` is that of the plugin's files, where they are here."""
    return hashlib.sha256(repr((job, digest)).encode()).hexdigest()
