"""The defect: the entry point names a module that the distribution does not have."""

__all__: list[str] = []
