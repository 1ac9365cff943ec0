"""Operators that take the place of vLLM's own, held against what they replace."""
