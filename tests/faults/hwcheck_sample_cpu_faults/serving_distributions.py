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


@fault(breaks=("sampling.temperature[one]", "sampling.temperature[high]"))
def temperature_of_the_first_is_everyones() -> None:
    """The whole batch is sampled with the temperature of its first request."""
    right = _sampler().apply_temperature

    def wrong(logits, temp, all_random):
        return right(logits, temp[:1].expand(len(temp)) if all_random else temp, all_random)

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
def top_p_is_cut_from_the_other_end() -> None:
    """Of the less likely tokens those with a sum of top_p are cut."""
    right = _top().apply_top_k_top_p

    def wrong(logits, k, p):
        return right(logits, k, None if p is None else p.where(p == 1.0, 1.0 - p))

    _top().apply_top_k_top_p = wrong


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


@fault(breaks=("sampling.min-p[low]", "sampling.min-p[high]"))
def min_p_is_of_the_whole() -> None:
    """A token is kept by its own chance, and not by the part that it is of the largest one."""
    from vllm.v1.sample.logits_processor.builtin import MinPLogitsProcessor

    def wrong(self, logits):
        if not self.min_p_count:
            return logits
        chances = logits.softmax(dim=-1)
        is_best = chances == chances.amax(dim=-1, keepdim=True)
        return logits.masked_fill_((chances < self.min_p) & ~is_best, -float("inf"))

    MinPLogitsProcessor.apply = wrong


@fault(
    breaks=(
        "sampling.temperature[low]",
        "sampling.temperature[one]",
        "sampling.temperature[high]",
        "sampling.top-k[many]",
        "sampling.min-p[low]",
        "sampling.min-p[high]",
    )
)
def noise_is_uniform() -> None:
    """Tokens compete with noise of the wrong distribution, so the likely ones win too often."""

    def wrong(probs, generators, *rest):
        import torch

        noise = torch.rand_like(probs)
        for row, generator in generators.items():
            noise[row].uniform_(generator=generator)
        return probs.div(noise.add_(0.5)).argmax(dim=-1).view(-1)

    _top().random_sample = wrong
