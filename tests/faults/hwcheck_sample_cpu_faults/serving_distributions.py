"""Faults of the distributions that a sampler draws from."""

from typing import Any

from hwcheck_sample_cpu_faults.fault import fault


def _sampler() -> Any:
    from vllm.v1.sample.sampler import Sampler

    return Sampler


def _top() -> Any:
    from vllm.v1.sample.ops import topk_topp_sampler

    return topk_topp_sampler


@fault(breaks=("sampling.temperature[low]", "sampling.temperature[high]"))
def temperature_is_ignored() -> None:
    """Requests are sampled with a temperature of 1."""
    _sampler().apply_temperature = staticmethod(lambda logits, temp, all_random: logits)


@fault(
    breaks=(
        "sampling.temperature[low]",
        "sampling.temperature[one]",
        "sampling.temperature[high]",
    )
)
def temperature_is_the_neighbours() -> None:
    """Each request is sampled with the temperature of the next row."""
    right = _sampler().apply_temperature

    def wrong(logits, temp, all_random):
        return right(logits, temp.roll(-1) if all_random else temp, all_random)

    _sampler().apply_temperature = staticmethod(wrong)


@fault(breaks=("sampling.top-k[few]", "sampling.top-k[many]"))
def top_k_is_ignored() -> None:
    """Tokens of any rank are kept."""
    right = _top().apply_top_k_top_p
    _top().apply_top_k_top_p = lambda logits, k, p: right(logits, None, p)


@fault(breaks=("sampling.top-k[few]", "sampling.top-k[many]"))
def top_k_keeps_one_more() -> None:
    """One token more than top_k is kept."""
    right = _top().apply_top_k_top_p

    def wrong(logits, k, p):
        return right(logits, None if k is None else (k + 1).clamp(max=logits.shape[1]), p)

    _top().apply_top_k_top_p = wrong


@fault(breaks=("sampling.top-p[half]", "sampling.top-p[most]"))
def top_p_is_ignored() -> None:
    """All tokens are kept, whatever they have together."""
    right = _top().apply_top_k_top_p
    _top().apply_top_k_top_p = lambda logits, k, p: right(logits, k, None)


@fault(breaks=("sampling.top-p[most]",))
def top_p_knows_only_halves() -> None:
    """Above a half, top_p is taken for 1."""
    right = _top().apply_top_k_top_p

    def wrong(logits, k, p):
        return right(logits, k, None if p is None else p.where(p <= 0.5, 1.0))

    _top().apply_top_k_top_p = wrong


@fault(breaks=("sampling.min-p[low]", "sampling.min-p[high]"))
def min_p_is_ignored() -> None:
    """A token of any chance is kept."""
    from vllm.v1.sample.logits_processor.builtin import MinPLogitsProcessor

    MinPLogitsProcessor.apply = lambda self, logits: logits
