"""Adds one capability, one contract and one reporter to hwcheck."""
