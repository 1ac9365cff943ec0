"""Weights in four bits: what is packed stands for what the reference computes with."""

import json

import numpy as np
import pytest

from hwcheck.exercise.serving.four_bits import rounded

GROUP = 16
LAYER = "model.layers.0.mlp.up_proj"


@pytest.fixture
def weights():
    drawn = np.random.RandomState(0).standard_normal((24, 64)).astype(np.float32)
    return {f"{LAYER}.weight": drawn, "lm_head.weight": drawn[:8]}


def unpacked(tensors):
    """Read the words as compressed-tensors does: the first value in the lowest bits, less 8."""
    words = tensors[f"{LAYER}.weight_packed"].view(np.uint32)
    columns = [(words[:, at // 8] >> np.uint32(at % 8 * 4)) & 15 for at in range(64)]
    values = np.stack(columns, axis=1).astype(np.float32) - 8
    return values * np.repeat(tensors[f"{LAYER}.weight_scale"].astype(np.float32), GROUP, axis=1)


def test_packed_weights_stand_for_the_plain_ones(weights):
    """
    Both forms of a checkpoint hold the same numbers.
    """
    packed = rounded(weights, GROUP, is_packed=True)
    plain = rounded(weights, GROUP, is_packed=False)

    np.testing.assert_array_equal(unpacked(packed), plain[f"{LAYER}.weight"])


def test_rounding_stays_near_half_a_step(weights):
    """
    No weight is further away than rounding to fifteen levels, of a scale cut short, can make it.
    """
    before = weights[f"{LAYER}.weight"]
    after = rounded(weights, GROUP, is_packed=False)[f"{LAYER}.weight"]

    steps = np.abs(before.reshape(24, -1, GROUP)).max(axis=2) / 7
    assert np.all(np.abs(after - before).reshape(24, -1, GROUP) <= 0.56 * steps[..., None])


def test_only_linear_layers_are_rounded(weights):
    """
    Embeddings, norms and the head stay as they are.
    """
    assert rounded(weights, GROUP, is_packed=True)["lm_head.weight"] is weights["lm_head.weight"]


def test_packed_layer_tells_its_shape(weights):
    """
    Words do not tell how many values were meant.
    """
    assert rounded(weights, GROUP, is_packed=True)[f"{LAYER}.weight_shape"].tolist() == [24, 64]


def test_packed_model_says_how_it_is_packed(checkpoint, small):
    """
    vLLM takes the method from the model's config, and the plain twin has none.
    """
    packed, plain = (
        json.loads((checkpoint(small(group=16, is_packed=is_packed)) / "config.json").read_text())
        for is_packed in (True, False)
    )

    (group,) = packed["quantization_config"]["config_groups"].values()
    assert (group["weights"]["num_bits"], group["weights"]["group_size"]) == (4, 16)
    assert "quantization_config" not in plain
