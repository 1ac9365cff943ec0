"""Engines with several workers, each in a process of its own."""
