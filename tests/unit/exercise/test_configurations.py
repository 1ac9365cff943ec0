import pytest
from hypothesis import find
from hypothesis.errors import NoSuchExample

from hwcheck.exercise.platforms.configurations import Shape, shapes_of


def test_shape_is_told_by_what_differs():
    """
    An example shows what it asks for, not what it leaves to vLLM.
    """
    assert repr(Shape(block_size=64, lora=True)) == "Shape(block_size=64, lora=True)"


def test_shapes_have_a_model_where_vllm_always_has_one():
    """
    From 0.14 on vLLM makes no configuration without a model.
    """
    assert not find(shapes_of("0.13.0"), lambda shape: not shape.model).model
    with pytest.raises(NoSuchExample):
        find(shapes_of("0.14.0rc1"), lambda shape: not shape.model)
