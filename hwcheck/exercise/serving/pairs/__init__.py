"""Capabilities two at a time: which engines cover their pairs, and whether each pair holds."""
