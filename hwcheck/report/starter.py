"""The files that a plugin's repository starts with: a configuration and a workflow."""

from datetime import date, timedelta

from hwcheck.report.markdown import template

__all__ = ["CONFIG", "WORKFLOW", "starter_files"]

CONFIG = "hwcheck.toml"
WORKFLOW = ".github/workflows/hwcheck.yml"
_UNTIL = timedelta(days=60)


def starter_files(platform: str, *, python: str, today: date) -> dict[str, str]:
    """Write both files for a platform, by their paths in the repository."""
    return {
        CONFIG: template("starter.toml.j2").render(
            platform=platform, today=today.isoformat(), end=(today + _UNTIL).isoformat()
        ),
        WORKFLOW: template("starter.yml.j2").render(platform=platform, python=python),
    }
