"""The parameters of a callable, without calling it."""

import inspect

from hwcheck.model.observation import Parameter

__all__ = ["parameters_of"]


def parameters_of(function: object, *, bound: bool) -> tuple[Parameter, ...] | None:
    """The parameters of a callable without the one that binding fills; ``None`` if unknown."""
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    # A callable of the plugin's own can raise anything when it is asked for its signature.
    except Exception:
        return None
    items = list(signature.parameters.values())
    if (
        bound
        and items
        and items[0].kind
        in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
    ):
        items = items[1:]
    return tuple(
        Parameter(
            name=item.name,
            kind=item.kind.name,
            has_default=item.default is not inspect.Parameter.empty,
        )
        for item in items
    )
