"""``hwcheck run``: the conformance and capability report of one plugin under the installed vLLM."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from hwcheck.cli.cache_folder import cache_folder
from hwcheck.cli.day import day
from hwcheck.cli.model_options import add_model_options, given_model, model_words
from hwcheck.cli.pair_options import add_pair_options, pair_groups, pair_words
from hwcheck.cli.run_settings import Settings
from hwcheck.contain.exchange import Limits
from hwcheck.errors import UsageError
from hwcheck.model.contract import Profile
from hwcheck.observe.conditions import OPERATORS, Conditions
from hwcheck.registry import Registry
from hwcheck.report.builtin import CHECK_ONLY

__all__ = ["add_parser"]

_MOST_RERUNS = 100


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="run the conformance suite on an installed plugin",
        description="Load an installed plugin under the installed vLLM, in contained child "
        "processes, and report which contracts it keeps and which capabilities it shows.",
    )
    parser.add_argument("target", metavar="NAME", help="entry point or distribution of the plugin")
    parser.add_argument(
        "--profile",
        action="append",
        choices=[str(profile) for profile in (Profile.P0, Profile.P1, Profile.P2, Profile.P3)],
        default=[],
        help="only this profile (may be given again; default: P0 and P1, which start no engine)",
    )
    parser.add_argument(
        "--contract",
        action="append",
        metavar="PATTERN",
        default=[],
        help="only contracts with this id or pattern, such as 'attention.*' (may be given again)",
    )
    parser.add_argument(
        "--ops",
        action="store_true",
        help="also compare the plugin's operators with vLLM's own (minutes)",
    )
    add_pair_options(parser)
    add_model_options(parser)
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        default=sys.executable,
        help="interpreter of the environment that holds plugin and vLLM (default: this one)",
    )
    parser.add_argument(
        "--format",
        choices=[item.name for item in registry.reporters() if item.name not in CHECK_ONLY],
        default="terminal",
        help="what goes to standard output (default: %(default)s)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="also write run.json, junit.xml and report.md"
    )
    _add_conditions(parser)
    parser.set_defaults(handler=_run)


def _add_conditions(parser: argparse.ArgumentParser) -> None:
    limits = Limits()
    parser.add_argument(
        "--step-limit",
        type=_positive,
        metavar="SECONDS",
        default=limits.step,
        help="seconds that one step of the plugin may take (default: %(default)s)",
    )
    parser.add_argument(
        "--start-limit",
        type=_positive,
        metavar="SECONDS",
        default=limits.start,
        help="seconds that importing vLLM may take (default: %(default)s)",
    )
    parser.add_argument(
        "--memory-limit",
        type=_positive,
        metavar="GIB",
        default=limits.memory / 2**30,
        help="GiB that the plugin's processes may hold together (default: %(default)s)",
    )
    parser.add_argument(
        "--pass-env",
        action="append",
        metavar="PATTERN",
        default=[],
        help="also pass environment variables of this name to the plugin (may be given again)",
    )
    parser.add_argument(
        "--announce-env",
        action="append",
        metavar="NAME",
        default=[],
        help="a variable that the plugin announces to set (may be given again)",
    )
    parser.add_argument(
        "--stub-sdk",
        action="store_true",
        help="put stand-ins in the place of vendor modules that are not installed; what is then "
        "found is marked as stubbed and proves no more than E2",
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        default=0,
        help="what the generated examples depend on (default: %(default)s)",
    )
    parser.add_argument(
        "--reruns",
        type=_reruns,
        metavar="N",
        default=0,
        help="examine every failed contract again so many times; one that then passes is flaky, "
        "which is no pass (default: %(default)s)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the TOML file with the waivers (default: hwcheck.toml, or [tool.hwcheck] in "
        "pyproject.toml, of the current folder)",
    )
    parser.add_argument(
        "--today",
        type=day,
        metavar="DATE",
        help="the day on which the ends of waivers are looked at (default: today)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the working files (logs, replies) there"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue the run that was cut off in the folder of --output",
    )
    parser.add_argument(
        "--report-only",
        action="store_true",
        help="exit with 0 although contracts are broken or not measured",
    )


def _run(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: the codec, the discovery and rich are slow to import; only a run needs them.
    from hwcheck.cli.run_session import carry_out

    return carry_out(_settings(arguments), registry)


def _settings(arguments: argparse.Namespace) -> Settings:
    if arguments.python != sys.executable and not os.access(arguments.python, os.X_OK):
        raise UsageError(f"--python: {arguments.python!r} is not an interpreter that can be run")
    if arguments.resume and arguments.output is None:
        raise UsageError("--resume: name the --output of the run that was cut off")
    if arguments.resume and arguments.stub_sdk:
        raise UsageError("--resume: a run with --stub-sdk is not kept; start it anew")
    return Settings(
        target=arguments.target,
        conditions=Conditions(
            python=str(Path(arguments.python).absolute()),
            profiles=tuple(Profile(name) for name in arguments.profile),
            contracts=tuple(arguments.contract),
            groups=((OPERATORS,) if arguments.ops else ()) + pair_groups(arguments),
            most_engines=arguments.pairs_cap,
            model=given_model(arguments),
            head_size=arguments.head_size,
            limits=Limits(
                start=arguments.start_limit,
                step=arguments.step_limit,
                memory=int(arguments.memory_limit * 2**30),
            ),
            pass_environment=tuple(arguments.pass_env),
            announced=tuple(arguments.announce_env),
            seed=arguments.seed,
            stub_sdk=arguments.stub_sdk,
            cache=cache_folder(),
        ),
        format=arguments.format,
        output=arguments.output,
        keep=arguments.keep,
        report_only=arguments.report_only,
        resume=arguments.resume,
        words=tuple(_repeated(arguments)),
        config=arguments.config,
        reruns=arguments.reruns,
        today=arguments.today,
    )


def _repeated(arguments: argparse.Namespace) -> Iterator[str]:
    """Give the options that change what a run finds, as they were given."""
    limits = Limits()
    if arguments.python != sys.executable:
        yield from ("--python", arguments.python)
    for option, is_given in (("--ops", arguments.ops), ("--stub-sdk", arguments.stub_sdk)):
        if is_given:
            yield option
    yield from pair_words(arguments)
    yield from model_words(arguments)
    if arguments.seed:
        yield from ("--seed", str(arguments.seed))
    for option, values in (
        ("--profile", arguments.profile),
        ("--contract", arguments.contract),
        ("--pass-env", arguments.pass_env),
        ("--announce-env", arguments.announce_env),
    ):
        for value in values:
            yield from (option, value)
    for option, value, usual in (
        ("--step-limit", arguments.step_limit, limits.step),
        ("--start-limit", arguments.start_limit, limits.start),
        ("--memory-limit", arguments.memory_limit, limits.memory / 2**30),
    ):
        if value != usual:
            yield from (option, f"{value:g}")
    if arguments.reruns:
        yield from ("--reruns", str(arguments.reruns))
    if arguments.config is not None:
        yield from ("--config", str(arguments.config))


def _reruns(text: str) -> int:
    if not (text.isdecimal() and int(text) <= _MOST_RERUNS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_MOST_RERUNS}")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number below a million")
    return value
