"""The options of the pytest plugin, and the settings that they make."""

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from hwcheck.contain.exchange import Limits
from hwcheck.hosts.cache import user_cache_directory
from hwcheck.model.contract import Profile
from hwcheck.observe.conditions import OPERATORS, PAIRS, Conditions

__all__ = ["SETTINGS", "Settings", "add_options", "is_asked_for", "read_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user asked for."""

    platform: str
    record: Path | None
    conditions: Conditions
    config: Path | None = None
    """The file that holds the waivers; ``None`` for the one of the tested repository."""
    today: date = date.min
    """The day on which waivers are looked at; by itself none has come to its end."""


SETTINGS = pytest.StashKey[Settings]()


def add_options(parser: pytest.Parser) -> None:
    """Offer the options."""
    group = parser.getgroup("hwcheck", "conformance of vLLM hardware platform plugins")
    group.addoption(
        "--hwcheck-platform",
        metavar="NAME",
        help="run the suite against this installed plugin (entry point or distribution)",
    )
    group.addoption(
        "--hwcheck-python",
        metavar="PYTHON",
        help="interpreter of the environment that holds plugin and vLLM (default: this one)",
    )
    group.addoption(
        "--hwcheck-profile",
        metavar="PROFILE",
        action="append",
        choices=[str(profile) for profile in Profile],
        default=[],
        help="only contracts of this profile (may be given again; default: P0 and P1)",
    )
    group.addoption(
        "--hwcheck-contract",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only contracts with this id, or ids of this pattern (may be given again)",
    )
    group.addoption(
        "--hwcheck-group",
        metavar="GROUP",
        action="append",
        choices=[OPERATORS, PAIRS],
        default=[],
        help="also the contracts of this group: operators, pairs (may be given again)",
    )
    group.addoption(
        "--hwcheck-pairs-cap",
        metavar="N",
        type=int,
        help="start N engines at most for pairs (default: as many as they take)",
    )
    group.addoption(
        "--hwcheck-model",
        metavar="DIR",
        help="serve this checkpoint in the place of the tiny dense model",
    )
    group.addoption(
        "--hwcheck-head-size",
        metavar="N",
        type=int,
        help="the size of the heads of the tiny models",
    )
    group.addoption(
        "--hwcheck-seed",
        metavar="N",
        type=int,
        default=0,
        help="what the generated examples depend on (default: %(default)s)",
    )
    group.addoption(
        "--hwcheck-stub-sdk",
        action="store_true",
        help="put stand-ins in the place of vendor modules that are not installed",
    )
    group.addoption(
        "--hwcheck-cache",
        metavar="DIR",
        default=os.environ.get("HWCHECK_CACHE"),
        help="where what can be made again is kept; empty for nowhere (default: the user's cache)",
    )
    group.addoption(
        "--hwcheck-kept",
        metavar="DIR",
        help="keep what is found there meanwhile, and take from it what an earlier run has kept",
    )
    group.addoption("--hwcheck-record", metavar="FILE", help="append one JSON line an outcome")
    group.addoption(
        "--hwcheck-config",
        metavar="FILE",
        help="the TOML file with the waivers (default: hwcheck.toml, or [tool.hwcheck] in "
        "pyproject.toml, of the root folder)",
    )
    group.addoption(
        "--hwcheck-today",
        metavar="DATE",
        help="the day on which the ends of waivers are looked at (default: today)",
    )
    group.addoption(
        "--hwcheck-step-limit",
        metavar="SECONDS",
        type=float,
        default=Limits().step,
        help="seconds that one step of the plugin may take (default: %(default)s)",
    )
    group.addoption(
        "--hwcheck-start-limit",
        metavar="SECONDS",
        type=float,
        default=Limits().start,
        help="seconds that importing vLLM may take (default: %(default)s)",
    )
    group.addoption(
        "--hwcheck-memory-limit",
        metavar="GIB",
        type=float,
        default=Limits().memory / 2**30,
        help="GiB that a child and its descendants may hold (default: %(default)s)",
    )
    group.addoption(
        "--hwcheck-pass-env",
        metavar="PATTERN",
        action="append",
        default=[],
        help="also pass environment variables of this name to the plugin (may be given again)",
    )
    group.addoption(
        "--hwcheck-announce-env",
        metavar="NAME",
        action="append",
        default=[],
        help="a variable that the plugin announces to set (may be given again)",
    )


def is_asked_for(config: pytest.Config) -> bool:
    """Whether a platform was named."""
    return config.getoption("--hwcheck-platform", default=None) is not None


def read_settings(config: pytest.Config) -> Settings:
    """Make settings of the options, once."""
    if SETTINGS in config.stash:
        return config.stash[SETTINGS]
    limits = Limits(
        start=config.getoption("--hwcheck-start-limit"),
        step=config.getoption("--hwcheck-step-limit"),
        memory=int(config.getoption("--hwcheck-memory-limit") * 2**30),
    )
    record, kept = config.getoption("--hwcheck-record"), config.getoption("--hwcheck-kept")
    chosen = config.getoption("--hwcheck-config")
    settings = Settings(
        platform=config.getoption("--hwcheck-platform"),
        record=None if record is None else Path(record),
        config=None if chosen is None else Path(chosen),
        today=_day(config.getoption("--hwcheck-today")),
        conditions=Conditions(
            python=_python(config.getoption("--hwcheck-python")),
            profiles=tuple(Profile(name) for name in config.getoption("--hwcheck-profile")),
            contracts=tuple(config.getoption("--hwcheck-contract")),
            groups=tuple(config.getoption("--hwcheck-group")),
            most_engines=config.getoption("--hwcheck-pairs-cap"),
            model=_folder(config.getoption("--hwcheck-model")),
            head_size=config.getoption("--hwcheck-head-size"),
            limits=limits,
            pass_environment=tuple(config.getoption("--hwcheck-pass-env")),
            announced=tuple(config.getoption("--hwcheck-announce-env")),
            seed=config.getoption("--hwcheck-seed"),
            stub_sdk=config.getoption("--hwcheck-stub-sdk"),
            cache=user_cache_directory(config.getoption("--hwcheck-cache")),
            kept=None if kept is None else Path(kept),
        ),
    )
    config.stash[SETTINGS] = settings
    return settings


def _folder(given: str | None) -> Path | None:
    if given is None:
        return None
    folder = Path(given).absolute()
    if not (folder / "config.json").is_file():
        raise pytest.UsageError(f"--hwcheck-model: {given!r} holds no config.json")
    return folder


def _day(given: str | None) -> date:
    if given is None:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise pytest.UsageError(
            f"--hwcheck-today: {given!r} is no date such as 2027-01-31"
        ) from None


def _python(given: str | None) -> str:
    if given is None:
        return sys.executable
    if not os.access(given, os.X_OK):
        raise pytest.UsageError(
            f"--hwcheck-python: {given!r} is not an interpreter that can be run"
        )
    return str(Path(given).absolute())
