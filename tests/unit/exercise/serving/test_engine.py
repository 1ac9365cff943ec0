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


@pytest.mark.parametrize("seconds_a_step", [0.0, 1.0], ids=["quick", "slow"])
def test_engine_that_does_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, seconds_a_step: float
):
    """
    After many steps and some time without a finished request; quick ones may wait for a thread.
    """
    llm: Any = Host()
    clock = SimpleNamespace(now=0.0, steps=0)

    def step() -> list[Any]:
        clock.now += seconds_a_step
        clock.steps += 1
        return []

    llm.llm_engine.step = step
    llm.llm_engine.has_unfinished_requests = lambda: True
    monkeypatch.setattr("hwcheck.exercise.serving.engine.monotonic", lambda: clock.now)
    engine = Engine(llm)

    with pytest.raises(TimeoutError, match=r"finished in 500 steps|finished after 4000 steps"):
        engine.run()

    assert engine.is_spoilt
    assert clock.steps == (500 if seconds_a_step else 4000)
