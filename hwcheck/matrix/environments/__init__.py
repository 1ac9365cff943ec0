"""Runs in environments of their own: one for each plugin release, host and torch."""
