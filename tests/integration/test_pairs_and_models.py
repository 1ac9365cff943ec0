"""Whole runs with what a user adds to profiles P2 and P3: pairs, and a checkpoint of their own."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwcheck.codec import decode_run
from hwcheck.exercise.serving.tokenizer_file import write_tokenizer
from hwcheck.model.capability import Rung
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run

HOST = importlib.util.find_spec("vllm") is not None
SECONDS = 300.0

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]

# The fixture `install_sample` gives a record that is defined beside it, in conftest.py.
Install = Callable[[str], Any]
#: In a process of its own: it imports torch and transformers, which tests do without.
MAKE_QWEN = """
import sys
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM
torch.manual_seed(3)
config = Qwen2Config(
    vocab_size=384, hidden_size=64, intermediate_size=128, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=512,
    initializer_range=0.3, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
Qwen2ForCausalLM(config).save_pretrained(sys.argv[1])
"""


def run(sample: Any, folder: Path, *words: str) -> tuple[Run, str]:
    arguments = ("-m", "hwcheck", "run", sample.distribution, "--format", "json", *words)
    done = sample.python(*arguments, "--step-limit", "60", cwd=folder, timeout=SECONDS)
    assert done.stdout, done.stderr
    return decode_run(done.stdout.encode(), "the run"), done.stderr


def states(found: Run) -> dict[str, OutcomeState]:
    return {item.id: item.state for item in found.outcomes}


def test_capabilities_that_go_together_are_in_combination(install_sample: Install, tmp_path: Path):
    """
    The pair is planned out of what was demonstrated, told before, and raises both to E5.
    """
    words = ("--contract", "cache.prefix", "--contract", "scheduling.chunked-prefill", "--pairs")

    found, told = run(install_sample("sample-cpu"), tmp_path, *words)

    assert states(found)["pairs.combined[chunked-prefill+prefix-caching]"] is OutcomeState.PASSED
    rungs = {item.capability: item.rung for item in found.standings}
    assert rungs["prefix-caching"] is rungs["chunked-prefill"] is Rung.E5
    assert "pairs: 1 of 2 abilities, in 1 engines" in told
    assert found.pairs is not None
    assert found.pairs.partners == ("chunked-prefill", "prefix-caching")


def test_checkpoint_of_the_user_is_served_and_compared(install_sample: Install, tmp_path: Path):
    """
    An architecture that hwcheck makes no model of; what is about its own words is not measured.
    """
    folder = tmp_path / "tiny-qwen"
    subprocess.run([sys.executable, "-c", MAKE_QWEN, str(folder)], check=True, timeout=SECONDS)
    write_tokenizer(folder, 384, 512)
    wanted = ("generate.greedy", "generate.logprobs", "request.text")
    words = [word for item in wanted for word in ("--contract", item)]

    found, _ = run(install_sample("sample-cpu"), tmp_path, "--model", str(folder), *words)

    assert states(found) == {
        "generate.greedy[one]": OutcomeState.PASSED,
        "generate.greedy[batch]": OutcomeState.PASSED,
        "generate.logprobs": OutcomeState.PASSED,
        "request.text": OutcomeState.NOT_MEASURED,
    }
    assert [engine.model for engine in found.engines] == ["tiny-qwen"]
