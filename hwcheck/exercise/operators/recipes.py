"""The recipes by the names of vLLM's operator classes."""

from hwcheck.exercise.operators import (
    recipes_activations,
    recipes_layers,
    recipes_norms,
    recipes_rotary,
)
from hwcheck.exercise.operators.trial import Recipe

__all__ = ["recipe_for"]

_BY_NAME: dict[str, Recipe] = {
    recipe.name: recipe
    for recipes in (
        recipes_activations.RECIPES,
        recipes_layers.RECIPES,
        recipes_norms.RECIPES,
        recipes_rotary.RECIPES,
    )
    for recipe in recipes
}


def recipe_for(in_tree: type) -> Recipe | None:
    """The recipe of a class of vLLM's, or of the class whose constructor and use it inherits."""
    for cls in in_tree.__mro__:
        if cls.__name__ in _BY_NAME:
            return _BY_NAME[cls.__name__]
        if not {"__init__", "forward", "forward_native"}.isdisjoint(vars(cls)):
            return None
    return None
