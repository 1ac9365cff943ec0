"""Operators in a compiled module."""

import acme._C

__all__ = ["acme"]
