"""The options of ``hwcheck run`` about pairs of capabilities."""

import argparse
from collections.abc import Iterator

from hwcheck.errors import UsageError
from hwcheck.observe.conditions import PAIRS

__all__ = ["add_pair_options", "pair_groups", "pair_words"]

_ENGINES = frozenset({"P2", "P3"})


def add_pair_options(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--pairs",
        action="store_true",
        help="also combine what P2 and P3 demonstrate, two at a time (minutes)",
    )
    parser.add_argument(
        "--pairs-cap",
        type=_count,
        metavar="N",
        help="start N engines at most for --pairs (default: as many as the pairs take)",
    )


def pair_groups(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The group of contracts that they ask for.

    Raises UsageError: there would be nothing to combine, or nothing to cap.
    """
    if arguments.pairs_cap is not None and not arguments.pairs:
        raise UsageError("--pairs-cap limits the engines of --pairs, which is not given")
    if not arguments.pairs:
        return ()
    if not (_ENGINES & set(arguments.profile) or arguments.contract):
        raise UsageError(
            "--pairs combines what the contracts of P2 and P3 demonstrate, and none is run\n"
            "  add --profile P2 --profile P3, or --contract for some of them"
        )
    return (PAIRS,)


def pair_words(arguments: argparse.Namespace) -> Iterator[str]:
    """Give them as they were given."""
    if arguments.pairs:
        yield "--pairs"
    if arguments.pairs_cap is not None:
        yield from ("--pairs-cap", str(arguments.pairs_cap))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of engines from 1 to 999")
    return int(text)
