"""Weights in eight bits: what is stored stands for what the reference computes with."""

import json

import numpy as np
import pytest

from hwcheck.exercise.serving.eight_bits import declare_floats, rounded
from hwcheck.exercise.serving.recipe import EightBits

NAME = "model.layers.0.mlp.up_proj.weight"
KINDS = (EightBits.WHOLE, EightBits.FLOAT)


@pytest.fixture
def weights():
    drawn = np.random.RandomState(0).standard_normal((24, 64)).astype(np.float32)
    return {NAME: drawn, "lm_head.weight": drawn[:8]}


def meant(code: int) -> float:
    """Read a float of eight bits as its standard says: sign, four bits, three bits."""
    sign, exponent, mantissa = -1 if code >> 7 else 1, code >> 3 & 15, code & 7
    if exponent == 0:
        return float(sign * mantissa * 2.0**-9)
    return float(sign * (1 + mantissa / 8) * 2.0 ** (exponent - 7))


def test_whole_numbers_stand_for_the_plain_ones(weights):
    """
    Both forms of a checkpoint hold the same numbers.
    """
    packed = rounded(weights, EightBits.WHOLE, is_packed=True)
    plain = rounded(weights, EightBits.WHOLE, is_packed=False)

    assert packed[NAME].dtype == np.int8
    read = packed[NAME].astype(np.float32) * packed[f"{NAME}_scale"]
    np.testing.assert_array_equal(read, plain[NAME])


def test_floats_stand_for_the_plain_ones(weights):
    """
    Both forms of a checkpoint hold the same numbers.
    """
    packed = rounded(weights, EightBits.FLOAT, is_packed=True)
    plain = rounded(weights, EightBits.FLOAT, is_packed=False)

    values = np.vectorize(meant)(packed[NAME]).astype(np.float32)
    np.testing.assert_array_equal(values * packed[f"{NAME}_scale"], plain[NAME])


@pytest.mark.parametrize(("kind", "share"), [(EightBits.WHOLE, 1 / 254), (EightBits.FLOAT, 1 / 28)])
def test_rounding_stays_near(weights, kind, share):
    """
    No weight is further away than half a step at the largest of its output.
    """
    before, after = weights[NAME], rounded(weights, kind, is_packed=False)[NAME]

    largest = np.abs(before).max(axis=1, keepdims=True)
    assert np.all(np.abs(after - before) <= 1.001 * share * largest)


@pytest.mark.parametrize("kind", KINDS)
def test_only_linear_layers_are_rounded(weights, kind):
    """
    Embeddings, norms and the head stay as they are.
    """
    assert rounded(weights, kind, is_packed=True)["lm_head.weight"] is weights["lm_head.weight"]


@pytest.mark.parametrize("kind", KINDS)
def test_model_says_how_it_is_stored(checkpoint, small, kind):
    """
    vLLM takes the method from the model's config, and the plain twin has none.
    """
    packed, plain = (
        json.loads((checkpoint(small(eight_bits=kind, is_packed=it)) / "config.json").read_text())
        for it in (True, False)
    )

    (group,) = packed["quantization_config"]["config_groups"].values()
    assert (group["weights"]["strategy"], group["input_activations"]["strategy"]) == (
        "channel",
        "token",
    )
    assert "quantization_config" not in plain


def test_declared_floats_keep_their_bytes(tmp_path):
    """
    The header has other names and another length; the tensors are where they were.
    """
    safetensors = pytest.importorskip("safetensors.numpy")
    file = tmp_path / "model.safetensors"
    codes, scales = np.arange(8, dtype=np.uint8), np.ones(2, dtype=np.float32)
    safetensors.save_file({"codes": codes, "scales": scales}, str(file))

    declare_floats(file)

    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    start, end = header["codes"]["data_offsets"]
    assert (header["codes"]["dtype"], header["scales"]["dtype"]) == ("F8_E4M3", "F32")
    assert content[8 + length :][start:end] == codes.tobytes()
    assert length % 8 == 0
