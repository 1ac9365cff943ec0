"""Which model an engine gets: a tiny one, of the size that is wanted, or the user's."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.run import _fitting
from hwcheck.exercise.serving import shared_engine
from hwcheck.exercise.serving.recipe import DENSE, DRAFT, WINDOW
from hwcheck.exercise.serving.reference_lines import Backend
from hwcheck.exercise.serving.shared_engine import MODELS_VARIABLE, Order, Serving
from hwcheck.model.examination import CaseState
from hwcheck.probe.attribution import Attribution

PLATFORM = SimpleNamespace(supported_dtypes=["torch.float32"])


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """
    What the contracts of a child share, with some of the user's wishes.
    """
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "models"))

    def make(**wishes):
        bench = Bench(
            platform=PLATFORM,
            attribution=Attribution.of_host(),
            host_version="",
            seed=0,
            control=False,
            **wishes,
        )
        return Serving(bench)

    return make


@pytest.fixture
def given(tmp_path):
    """
    A folder of the user's.
    """
    folder = tmp_path / "mine"
    folder.mkdir()
    config = {"architectures": ["X"], "num_hidden_layers": 40, "hidden_size": 5120}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def head_size(folder):
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))["head_dim"]


def test_heads_have_the_size_that_is_wanted(shared):
    """
    Of every model that is made, and of the adapters for it.
    """
    assert head_size(shared().checkpoint(DENSE)) == 64
    sized = shared(head_size=128)
    assert {head_size(sized.checkpoint(recipe)) for recipe in (DENSE, DRAFT)} == {128}
    assert sized.adapter(DENSE, 1) != shared().adapter(DENSE, 1)


def test_given_model_takes_the_place_of_the_dense_one(shared, given):
    """
    Others are as before: no checkpoint has all that they are about.
    """
    found = shared(model=given)

    assert found.checkpoint(DENSE) == given
    assert head_size(found.checkpoint(WINDOW)) == 64
    assert found.arguments(Order())["kv_cache_memory_bytes"] == 40 * 5120 * 8 * 2048
    assert found.arguments(Order(recipe=WINDOW))["kv_cache_memory_bytes"] == 32 * 2**20


def test_given_model_is_compared_with_transformers(shared, given, monkeypatch):
    """
    The small reference knows the tiny models alone.
    """
    made = []
    monkeypatch.setattr(
        shared_engine,
        "Reference",
        lambda folder, **how: made.append((folder, how.get("kind"))) or nullcontext(),
    )
    found = shared(model=given)

    found.reference(DENSE)
    found.reference(WINDOW)

    assert (given, Backend.TRANSFORMERS) in made
    assert all(kind is None for folder, kind in made if folder != given)


@pytest.mark.parametrize(
    ("model", "child", "contract", "is_asked"),
    [
        ("", "serving", "family.lora.tokens", True),
        ("/m", "serving", "generate.greedy", True),
        ("/m", "serving", "family.lora.tokens", False),
        ("/m", "parts", "lora.punica", True),
    ],
)
def test_contract_that_the_model_is_not_for_is_not_examined(model, child, contract, is_asked):
    """
    It says so in the place of its cases.
    """
    request = SimpleNamespace(model=model, child=child)

    def examination(bench):
        return ()

    found = _fitting(request, contract, examination)

    assert (found is examination) is is_asked
    if not is_asked:
        assert [case.state for case in found(None)] == [CaseState.NOT_MEASURED]
