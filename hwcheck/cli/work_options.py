"""The options of commands that read many files: how many processes, and what is kept."""

import argparse
import os

__all__ = ["add_work", "small_number"]


def add_work(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--jobs",
        type=small_number,
        metavar="N",
        default=len(os.sched_getaffinity(0)),
        help="processes that work at a time (default: one for each processor, here %(default)s)",
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="read every file again, and keep nothing in the user's cache folder",
    )


def small_number(text: str) -> int:
    """Read a number of things that work at a time.

    Raises argparse.ArgumentTypeError: it is none from 1 to 256.
    """
    value = int(text) if text.isdecimal() else 0
    if not 0 < value <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 256")
    return value
