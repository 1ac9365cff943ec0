"""Faults of the sampler, as a vendor's own one has them."""

from typing import Any

from hwcheck_sample_cpu_faults.fault import fault


def _sampler() -> Any:
    from vllm.v1.sample.sampler import Sampler

    return Sampler


def _top() -> Any:
    from vllm.v1.sample.ops import topk_topp_sampler

    return topk_topp_sampler


def _builtin() -> Any:
    from vllm.v1.sample.logits_processor import builtin

    return builtin


def _penalties(change: Any) -> None:
    """Put a function in the place of the one that applies penalties to the logits."""
    from vllm.v1.sample.ops import penalties

    penalties.apply_penalties = change


@fault(breaks=("sampling.penalties[repetition]", "sampling.mixed-batch[greedy]"))
def repetition_penalty_overlooks_the_prompt() -> None:
    """The repetition penalty counts only what was generated."""
    from vllm.model_executor.layers.utils import apply_penalties as right

    def wrong(logits, prompts, *rest):
        nothing = prompts.new_full(prompts.shape, logits.shape[1])
        return right(logits, nothing, *rest)

    _penalties(wrong)


@fault(breaks=("sampling.penalties[presence]", "sampling.mixed-batch[greedy]"))
def presence_penalty_counts_the_prompt() -> None:
    """A token of the prompt gets the presence penalty as well."""
    from vllm.model_executor.layers.utils import apply_penalties as right

    def wrong(logits, prompts, outputs, presence, *rest):
        import torch

        logits = right(logits, prompts, outputs, presence, *rest)
        seen = torch.zeros(logits.shape[0], logits.shape[1] + 1)
        seen.scatter_(1, prompts, 1.0)
        return logits.sub_(presence.unsqueeze(1) * seen[:, :-1])

    _penalties(wrong)


@fault(breaks=("sampling.penalties[frequency]", "sampling.mixed-batch[greedy]"))
def frequency_penalty_does_not_grow() -> None:
    """The frequency penalty is the same for the first and for the tenth time."""
    from vllm.model_executor.layers.utils import apply_penalties as right

    def wrong(logits, prompts, outputs, presence, frequency, *rest):
        return right(logits, prompts, outputs, presence + frequency, 0.0 * frequency, *rest)

    _penalties(wrong)


@fault(breaks=("sampling.bias", "sampling.mixed-batch[greedy]"))
def bias_goes_to_the_first_request() -> None:
    """Whoever asks for a bias, the first request of the batch gets it."""
    processor = _builtin().LogitBiasLogitsProcessor

    def wrong(self, logits):
        if self.biases:
            rows, tokens = self.logits_slice
            logits[rows * 0, tokens] += self.bias_tensor
        return logits

    processor.apply = wrong


@fault(breaks=("sampling.allowed-tokens",))
def allowed_tokens_are_the_forbidden_ones() -> None:
    """The mask of allowed tokens is true for those that are allowed."""
    right = _sampler().apply_logits_processors

    def wrong(self, logits, metadata, predict_bonus_token):
        mask = metadata.allowed_token_ids_mask
        if mask is None:
            return right(self, logits, metadata, predict_bonus_token)
        # Those who ask for nothing have no true entry, and are left alone.
        asks = mask.any(dim=1, keepdim=True)
        metadata.allowed_token_ids_mask = ~mask & asks
        try:
            return right(self, logits, metadata, predict_bonus_token)
        finally:
            metadata.allowed_token_ids_mask = mask

    _sampler().apply_logits_processors = wrong


@fault(breaks=("sampling.bad-words[sequence]",))
def bad_words_have_one_token() -> None:
    """Only words of a single token are forbidden."""
    from vllm.v1.sample import sampler

    right = sampler.apply_bad_words

    def wrong(logits, words, past):
        single = {row: [ids for ids in found if len(ids) == 1] for row, found in words.items()}
        right(logits, single, past)

    sampler.apply_bad_words = wrong


@fault(breaks=("sampling.bad-words[token]", "sampling.bad-words[sequence]"))
def bad_words_are_ignored() -> None:
    """Forbidden words are accepted, and nothing comes of them."""
    from vllm.v1.sample import sampler

    sampler.apply_bad_words = lambda logits, words, past: None


@fault(
    breaks=(
        "sampling.seed[alone]",
        "sampling.seed[batch]",
        "sampling.seed[alone-and-batch]",
        "sampling.mixed-batch[seeded]",
    )
)
def seeds_are_ignored() -> None:
    """Seeded requests are sampled as all others."""
    right = _top().random_sample
    _top().random_sample = lambda probs, generators, *rest: right(probs, {}, *rest)


@fault(
    breaks=(
        "sampling.seed[batch]",
        "sampling.seed[alone-and-batch]",
        "sampling.seed[different]",
        "sampling.n[seeded]",
        "sampling.mixed-batch[seeded]",
    )
)
def seed_of_the_first_is_everyones() -> None:
    """The whole batch is sampled with the seed of its first request."""
    right = _top().random_sample

    def wrong(probs, generators, *rest):
        if not generators:
            return right(probs, generators, *rest)
        import torch

        first = generators[min(generators)]
        noise = torch.empty_like(probs[0]).exponential_(generator=first)
        return probs.div(noise).argmax(dim=-1).view(-1)

    _top().random_sample = wrong


@fault(
    breaks=(
        "sampling.n[sampled]",
        "sampling.n[seeded]",
        "sampling.seed[different]",
    )
)
def equal_requests_are_sampled_once() -> None:
    """Requests that have the same logits get the same token."""
    right = _top().random_sample

    def wrong(probs, generators, *rest):
        import torch

        given = probs.clone()
        sampled = right(probs, generators, *rest)
        for row in range(len(given)):
            for other in range(row):
                if torch.equal(given[row], given[other]):
                    sampled[row] = sampled[other]
        return sampled

    _top().random_sample = wrong


@fault(breaks=("sampling.n[seeded]",))
def sequences_share_their_seed() -> None:
    """The sequences of one request all have the seed of the request."""
    from vllm.v1.engine.parallel_sampling import ParentRequest

    right = ParentRequest._get_child_sampling_params

    def wrong(self, index):
        made = right(self, index)
        if self.sampling_params.seed is not None:
            made.seed = self.sampling_params.seed
        return made

    ParentRequest._get_child_sampling_params = wrong


@fault(breaks=("sampling.mixed-batch[seeded]",))
def greedy_is_everyones() -> None:
    """When one request of a batch is greedy, all of them are."""
    right = _sampler().sample

    def wrong(self, logits, metadata, *rest):
        if metadata.all_greedy or metadata.all_random:
            return right(self, logits, metadata, *rest)
        return self.greedy_sample(logits), None

    _sampler().sample = wrong


@fault(breaks=("sampling.seed-chunked[same]",))
def seed_moves_on_with_each_piece() -> None:
    """What is sampled for a piece of a prompt is thrown away, and the generator has moved on."""
    import torch

    class Generator(torch.Generator):
        def get_offset(self):
            return 4

        def set_offset(self, offset):
            """Go back nowhere."""

    torch.Generator = Generator
