"""The extension's conformance suite, run by name with ``--pyargs``."""
