"""A model so small that its reference answers at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hwcheck.exercise.serving.checkpoints import kept_checkpoint
from hwcheck.exercise.serving.recipe import Recipe


@pytest.fixture
def small() -> Callable[..., Recipe]:
    """Make a recipe of a model that is smaller than those of the contracts."""

    def make(**changes: object) -> Recipe:
        sizes = {"hidden_size": 64, "intermediate_size": 64, "heads": 2, "kv_heads": 1}
        return Recipe(**{**sizes, "head_size": 16, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Recipe], Path]:
    """Write the model of a recipe, once."""
    cache = tmp_path_factory.mktemp("models")
    return lambda recipe: kept_checkpoint(recipe, cache)
