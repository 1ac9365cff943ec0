"""The recipes by which vLLM's operators are constructed and used."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck.exercise.operators import (
    recipes_activations,
    recipes_layers,
    recipes_norms,
    recipes_rotary,
)
from hwcheck.exercise.operators.recipes import recipe_for
from hwcheck.exercise.operators.trial import Drawn, Recipe

RECIPES = (
    *recipes_activations.RECIPES,
    *recipes_layers.RECIPES,
    *recipes_norms.RECIPES,
    *recipes_rotary.RECIPES,
)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_recipe_names_inputs_that_there_are(recipe: Recipe):
    """
    What may change, and what is a part of wider rows, are inputs of the use; shapes have rows.
    """

    @settings(max_examples=20, database=None, deadline=None)
    @given(st.sampled_from(("float32", "float16")).flatmap(recipe.trials))
    def check(trial):
        places = range(len(trial.inputs))
        assert set(trial.may_change) | set(trial.views) <= set(places)
        assert all(isinstance(trial.inputs[place], Drawn) for place in trial.views)
        assert len({name for name, _ in trial.settings}) == len(trial.settings)

    check()


def test_recipe_for_a_class_that_changes_nothing_is_its_base():
    """
    A class that inherits constructor and forward is used as its base is.
    """
    base = type("RMSNorm", (), {"__init__": lambda self: None})
    derived = type("OtherNorm", (base,), {})

    recipe = recipe_for(derived)

    assert recipe is not None
    assert recipe.name == "RMSNorm"


def test_recipe_for_a_class_with_its_own_constructor_is_none():
    """
    Nobody knows how a class is constructed that has a constructor of its own.
    """
    base = type("RMSNorm", (), {})
    derived = type("OtherNorm", (base,), {"__init__": lambda self: None})

    assert recipe_for(derived) is None
