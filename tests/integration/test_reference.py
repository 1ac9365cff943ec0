"""The reference agrees with transformers, and the tiny models load as what they say they are."""

import dataclasses
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwcheck.exercise.serving.adapters import ALL_TARGETS, ATTENTION_TARGETS, write_adapter
from hwcheck.exercise.serving.checkpoints import kept_checkpoint
from hwcheck.exercise.serving.recipe import DENSE, RECIPES, Recipe
from hwcheck.exercise.serving.reference_client import Reference, ReferenceFailed
from hwcheck.exercise.serving.reference_lines import Backend
from hwcheck.exercise.serving.reference_model import adapted, read_model

HOST = importlib.util.find_spec("vllm") is not None

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
    # Transformers, torch and what they stand on warn of each other.
    pytest.mark.filterwarnings("ignore"),
]

#: transformers turns and normalises in float32 even where the weights are float64.
NEAR = 1e-4
LENGTHS = (1, 2, 25, 130)
WIDE = dataclasses.replace(DENSE, head_size=128, seed=30)
ALL = {**RECIPES, "head_of_128": WIDE}


def draw_tokens(length: int) -> list[int]:
    drawn = np.random.RandomState(length).randint(0, DENSE.vocabulary, size=length)
    return [int(token) for token in drawn]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the models."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def load() -> Callable[[Path], object]:
    """Load a folder with transformers, in float64, by the plainest of its ways."""
    import torch
    from transformers import AutoModelForCausalLM

    def loaded(folder: Path) -> object:
        return AutoModelForCausalLM.from_pretrained(
            str(folder),
            dtype=torch.float64,
            attn_implementation="eager",
            # Its quicker way for experts knows no float64.
            experts_implementation="eager",
        ).eval()

    return loaded


@pytest.fixture(scope="module", params=ALL)
def subject(request, cache: Path, load) -> Iterator[tuple[Recipe, object, Reference]]:
    """One of the models, as transformers has it and as the reference has it."""
    recipe = ALL[request.param]
    folder = kept_checkpoint(recipe, cache)
    with Reference(folder) as reference:
        yield recipe, load(folder), reference


def compute(model, tokens: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-probabilities and the pooled state."""
    import torch

    with torch.no_grad():
        made = model(torch.tensor([tokens]), output_hidden_states=True)
        rows = torch.log_softmax(made.logits[0], dim=-1)
        pooled = torch.nn.functional.normalize(made.hidden_states[-1][0, -1], dim=-1)
    return rows.numpy(), pooled.numpy()


@pytest.mark.parametrize("length", LENGTHS)
def test_reference_agrees_with_transformers(subject, length):
    """
    Log-probabilities and pooled states are the same, for every kind of model.
    """
    _, model, reference = subject
    tokens = draw_tokens(length)

    rows, pooled = compute(model, tokens)

    assert np.abs(rows - reference.logprobs(tokens)).max() < NEAR
    assert np.abs(pooled - reference.embedding(tokens)).max() < NEAR / 10


def test_reference_agrees_with_transformers_on_an_adapter(subject, tmp_path):
    """
    An adapter that is added by the definition of LoRA gives the same as the reference's.
    """
    import torch

    recipe, model, reference = subject
    targets = ATTENTION_TARGETS if recipe.experts else ALL_TARGETS
    adapter = write_adapter(recipe, tmp_path / "adapter", targets=targets)
    tokens = draw_tokens(40)
    plain = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    with torch.no_grad():
        add(adapter, model)
        rows, _ = compute(model, tokens)
        model.load_state_dict(plain)

    assert np.abs(rows - reference.logprobs(tokens, adapter)).max() < NEAR
    assert np.abs(rows - reference.logprobs(tokens)).max() > 0.1


def add(adapter: Path, model) -> None:
    """Add an adapter to a model's weights, with torch and not with what is under test."""
    from safetensors.torch import load_file

    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    tensors = load_file(adapter / "adapter_model.safetensors")
    for name in tensors:
        if ".lora_A." in name:
            module = name.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
            second = tensors[name.replace("lora_A", "lora_B")].double()
            scale = config["lora_alpha"] / config["r"]
            model.get_submodule(module).weight += scale * (second @ tensors[name].double())


def test_reference_generates_what_transformers_generates(subject):
    """
    Greedy tokens are the same, one by one.
    """
    import torch

    _, model, reference = subject
    prompt = draw_tokens(12)

    generated = model.generate(
        torch.tensor([prompt]), max_new_tokens=16, min_new_tokens=16, do_sample=False
    )

    assert generated[0, len(prompt) :].tolist() == reference.greedy(prompt, 16)


def test_transformers_backend_agrees_with_numpy(cache):
    """
    The way for a checkpoint that somebody brings gives the same, as near as float32 is.
    """
    folder = kept_checkpoint(DENSE, cache)
    tokens = draw_tokens(30)
    with Reference(folder) as plain, Reference(folder, kind=Backend.TRANSFORMERS) as other:
        assert np.abs(plain.logprobs(tokens) - other.logprobs(tokens)).max() < NEAR
        assert np.abs(plain.embedding(tokens) - other.embedding(tokens)).max() < NEAR
        assert plain.greedy(tokens, 8) == other.greedy(tokens, 8)


def test_transformers_backend_says_what_it_cannot_load(tmp_path):
    """
    A configuration of nothing that exists is refused with the reason.
    """
    (tmp_path / "config.json").write_text('{"model_type": "none"}', encoding="utf-8")

    with (
        Reference(tmp_path, kind=Backend.TRANSFORMERS) as reference,
        pytest.raises(ReferenceFailed, match="transformers cannot load"),
    ):
        reference.logprobs([1])


@pytest.fixture(scope="module")
def tokenizer(cache: Path):
    """The tokenizer of a model, as transformers finds it by itself."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(kept_checkpoint(DENSE, cache)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text())
def test_every_text_comes_back_from_its_tokens(tokenizer, text):
    """
    Each text is encoded without a loss, whatever the letters.
    """
    assert text == tokenizer.decode(tokenizer(text)["input_ids"])


def test_common_words_are_single_tokens(tokenizer):
    """
    Words are one token, and there are as many tokens as the model has rows.
    """
    assert len(tokenizer(" the of that was with")["input_ids"]) == 5
    assert len(tokenizer) == DENSE.vocabulary


def test_special_tokens_and_chat_template_are_known(tokenizer):
    """
    A chat becomes a prompt that begins with the first token of a text.
    """
    chat = [{"role": "user", "content": "hi"}]

    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)

    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 2)
    assert text == "<s>user: hi\nassistant:"


def test_adapter_of_the_reader_is_not_the_model_itself(cache, tmp_path):
    """
    Adding an adapter leaves the model as it was.
    """
    model = read_model(kept_checkpoint(DENSE, cache))
    name = "model.layers.0.self_attn.q_proj.weight"
    before = model.weights[name].copy()

    changed = adapted(model, write_adapter(DENSE, tmp_path / "adapter"))

    assert np.array_equal(before, model.weights[name])
    assert not np.array_equal(before, changed.weights[name])
