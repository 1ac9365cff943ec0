"""Names that vLLM has moved from module to module."""

from importlib import import_module

__all__ = ["first_found"]


def first_found(modules: tuple[str, ...], name: str) -> object:
    """The name in the first of these modules that has it.

    Raises ImportError: none has.
    """
    for module in modules:
        try:
            found: object = getattr(import_module(module), name)
        except (ModuleNotFoundError, AttributeError):
            continue
        return found
    raise ImportError(f"no {name} in {', '.join(modules)}")
