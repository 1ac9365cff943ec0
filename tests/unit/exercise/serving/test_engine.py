"""What makes an engine of no more use."""

from types import SimpleNamespace
from typing import Any

import pytest

from hwcheck.exercise.serving.engine import Engine


class Host:
    """Has the parts of vLLM's ``LLM`` that an engine is looked at by."""

    def __init__(self) -> None:
        self.llm_engine = SimpleNamespace(
            step=self._step,
            vllm_config=SimpleNamespace(
                model_config=SimpleNamespace(max_model_len=256, dtype="torch.float32"),
                scheduler_config=SimpleNamespace(max_num_seqs=8, max_num_batched_tokens=64),
                cache_config=SimpleNamespace(
                    block_size=32, num_gpu_blocks=9, enable_prefix_caching=True
                ),
            ),
        )

    def generate(self) -> None:
        self.llm_engine.step()

    def _step(self) -> None:
        raise AssertionError("prompt token ids are required")


def test_step_that_raises_spoils_the_engine_whoever_makes_it():
    """
    A refusal in a step takes all requests down, in vLLM's own loop as in ours.
    """
    llm: Any = Host()
    engine = Engine(llm)

    with pytest.raises(AssertionError, match="are required"):
        llm.generate()

    assert engine.is_spoilt
