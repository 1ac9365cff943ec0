"""What tox tells of its environments in its result file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["EnvironmentReport", "read_tox_report"]

_TAIL = 4000
_PREPARING = "commands_pre"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentReport:
    """How one environment of tox ended."""

    seconds: float
    failed_step: str | None
    """What failed while the environment was made; ``None`` when it was made."""
    log: str
    """The end of what that step said, or else of what the run said."""
    exit_code: int | None = None
    """Of the run; ``None`` when it was not started."""


def read_tox_report(path: Path) -> dict[str, EnvironmentReport]:
    """Read the result file of tox, by environment; empty where there is none that can be read."""
    try:
        environments = json.loads(path.read_text(encoding="utf-8"))["testenvs"]
        return {name: _report(entry) for name, entry in environments.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _report(entry: dict[str, Any]) -> EnvironmentReport:
    ran = entry.get("test", [])
    failed = next(_failures(entry), None)
    failed_step = None if failed is None else _words(failed)
    if failed is None and not ran:
        failed_step = "making the environment (tox found no such interpreter, or was stopped)"
    said = failed or (ran[-1] if ran else None)
    return EnvironmentReport(
        seconds=float(entry.get("result", {}).get("duration", 0.0)),
        failed_step=failed_step,
        log="" if said is None else _said(said),
        exit_code=None if failed is not None or not ran else int(ran[-1]["retcode"]),
    )


def _failures(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (step for step in entry.get("setup", []) if step["retcode"])
    for step in entry.get("test", []):
        if step["retcode"] and str(step.get("run_id", "")).startswith(_PREPARING):
            yield step


def _words(step: dict[str, Any]) -> str:
    # Its first word is the interpreter of the environment, whose place tells nothing.
    command = [Path(str(step["command"][0])).name, *map(str, step["command"][1:])]
    return f"{' '.join(command)} (exit code {step['retcode']})"


def _said(step: dict[str, Any]) -> str:
    return "\n".join(filter(None, (step.get("output", ""), step.get("err", ""))))[-_TAIL:].strip()
