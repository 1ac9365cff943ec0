"""A day on the command line."""

import argparse
from datetime import date

__all__ = ["day"]


def day(text: str) -> date:
    """Read a date; the type of an option.

    Raises argparse.ArgumentTypeError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2027-01-31") from None
