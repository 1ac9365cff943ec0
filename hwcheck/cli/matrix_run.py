"""``hwcheck matrix run``: the runs of a matrix, in environments of their own."""

import argparse
from pathlib import Path

from hwcheck.cli.matrix_settings import RunOptions
from hwcheck.cli.work_options import small_number
from hwcheck.registry import Registry

__all__ = ["add_run"]


def add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="run the plugins in environments of their own, and keep the run documents",
        description="Make an environment with tox for each release of a plugin, vLLM and torch "
        "that a specification names with `run-on`, run the plugin there, and put the run "
        "documents into the folder of the matrix. What gave no run is told, and whose fault it is.",
    )
    parser.add_argument("specification", type=Path, metavar="SPEC", help="a matrix.toml")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("matrix"),
        help="the folder of the matrix (default: %(default)s)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="where environments and reports are kept (default: .hwcheck beside SPEC)",
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="PATTERN",
        default=[],
        help="only runs whose environment has a name of this pattern (may be given again)",
    )
    _add_ways(parser)
    parser.set_defaults(handler=_run)


def _add_ways(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--executor",
        choices=("tox", "ray"),
        default="tox",
        help="tox: on this machine; ray: on the nodes of a Ray cluster (default: %(default)s)",
    )
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="of the cluster (default: the one that this machine belongs to)",
    )
    parser.add_argument(
        "--parallel",
        type=small_number,
        metavar="N",
        default=1,
        help="environments that tox works on at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="keep complete runs of the same plugin, environment and options",
    )
    parser.add_argument(
        "--recreate", action="store_true", help="make the environments anew, whatever is kept"
    )


def _run(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: msgspec and the discovery stay out of the start-up.
    from hwcheck.cli.matrix_run_session import carry_out_runs

    return carry_out_runs(
        RunOptions(
            specification=arguments.specification,
            output=arguments.output,
            work=arguments.work,
            only=tuple(arguments.only),
            executor=arguments.executor,
            parallel=arguments.parallel,
            resume=arguments.resume,
            recreate=arguments.recreate,
            address=arguments.ray_address,
        )
    )
