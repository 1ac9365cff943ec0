"""Waivers held against the outcomes of a run."""
