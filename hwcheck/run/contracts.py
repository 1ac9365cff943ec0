"""The contracts that the suites declare, asked of each suite in a process of its own."""

import subprocess
import sys
from collections.abc import Iterable, Mapping

from hwcheck.codec import decode_line
from hwcheck.errors import CodecError, RunError
from hwcheck.hooks import Suite
from hwcheck.model.contract import Contract

__all__ = ["contracts_of"]


def contracts_of(suites: Iterable[Suite], environment: Mapping[str, str]) -> tuple[Contract, ...]:
    """Ask suites for their contracts, sorted by profile and id.

    A suite keeps them in its module ``contracts`` under the name ``ALL``.

    Raises RunError: a suite cannot tell them.
    """
    found: list[Contract] = []
    for suite in suites:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "hwcheck.run.tell_contracts", suite.package],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(environment),
        )
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise RunError(f"suite {suite.name!r} cannot tell its contracts: {last[0]}")
        try:
            found += [decode_line(line, Contract) for line in done.stdout.splitlines()]
        except CodecError as error:
            raise RunError(
                f"suite {suite.name!r} tells contracts that are none: {error}"
            ) from error
    return tuple(sorted(found, key=lambda item: (item.profile, item.id)))
