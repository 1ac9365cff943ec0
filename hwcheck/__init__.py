"""Compatibility and conformance harness for vLLM hardware platform plugins."""

__version__ = "0.1.0"

__all__ = ["__version__"]
