"""A checkpoint in the place of the tiny dense model."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from hwcheck.exercise.catalogue import MODULES
from hwcheck.exercise.serving import given_model
from hwcheck.exercise.serving.given_model import beyond, cache_bytes, unfit
from hwcheck.exercise.serving.reference_client import ReferenceFailed
from hwcheck_conformance.contracts import ALL


@pytest.fixture
def folder(tmp_path):
    """
    Write a config.json.
    """

    def write(**config):
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        return tmp_path

    return write


class Answering:
    """A reference."""

    def __init__(self, error=None):
        self.error = error

    def logprobs(self, tokens):
        if self.error is not None:
            raise self.error
        return np.zeros((len(tokens), 4))


@pytest.fixture(autouse=True)
def _vllm(monkeypatch):
    registry = SimpleNamespace(get_supported_archs=lambda: {"LlamaForCausalLM"})
    monkeypatch.setitem(sys.modules, "vllm", SimpleNamespace(ModelRegistry=registry))


def test_contracts_for_any_model_are_known():
    """
    A misspelt id would be examined on no model.
    """
    served = {contract.id for contract in ALL if contract.examined_in in MODULES}

    assert served >= given_model._GENERAL
    assert beyond("generate.greedy") is None


@pytest.mark.parametrize("contract", ["family.lora.tokens", "request.text", "server.health"])
def test_contract_about_a_tiny_model_is_told(contract):
    """
    What needs words or adapters of hwcheck's own is not examined on another model.
    """
    assert "run it without --model" in beyond(contract)


def test_model_that_both_know_is_fit(folder):
    """
    vLLM has the architecture, and the reference an answer.
    """
    assert unfit(folder(architectures=["LlamaForCausalLM"]), Answering()) is None


def test_architecture_that_vllm_does_not_know_is_told(folder):
    """
    That is no fault of a plugin's.
    """
    assert "knows no architecture 'AcmeLM'" in unfit(folder(architectures=["AcmeLM"]), Answering())


def test_model_that_the_reference_cannot_load_is_told(folder):
    """
    With what the reference says.
    """
    reason = unfit(
        folder(architectures=["LlamaForCausalLM"]), Answering(ReferenceFailed("no weights"))
    )

    assert reason == "there is nothing to compare --model with: no weights"


def test_cache_has_room_for_the_requests(folder):
    """
    Small models get what all engines get; the names are those of several families.
    """
    small = cache_bytes(folder(num_hidden_layers=2, hidden_size=64))
    large = cache_bytes(folder(n_layer=32, n_embd=4096, n_head=32))
    wide = cache_bytes(folder(num_hidden_layers=32, num_attention_heads=32, head_dim=256))

    assert small == 32 * 2**20
    assert large == 32 * 4096 * 8 * 2048
    assert wide == 2 * large
