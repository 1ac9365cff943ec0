"""Faults of speculative decoding: what is proposed is compared wrongly, or never proposed."""

from hwcheck_sample_cpu_faults.fault import fault


def _change_drafts(changed) -> None:
    """Change the drafts that are compared with what the model likes best, and its logits."""
    from vllm.v1.sample import rejection_sampler as module

    right = module.rejection_sample

    def wrong(*given, **named):
        drafts, logits = changed(given[0], given[5])
        return right(drafts, *given[1:5], logits, *given[6:], **named)

    module.rejection_sample = wrong


@fault(
    breaks=(
        "family.speculative.draft[tokens]",
        "family.speculative.ngram[tokens]",
        "family.speculative.sampled[shares]",
    )
)
def every_draft_is_accepted() -> None:
    """Proposed tokens are compared with themselves."""

    def wrong(drafts, logits):
        return drafts, logits.scatter(-1, drafts.long()[:, None], 1e4)

    _change_drafts(wrong)


@fault(breaks=("family.speculative.sampled[shares]",))
def drafts_are_accepted_without_a_draw() -> None:
    """A proposed token is accepted whenever the model gives it any chance at all."""
    from vllm.v1.sample import rejection_sampler as module

    right = module.generate_uniform_probs
    module.generate_uniform_probs = lambda *given: right(*given).zero_()


@fault(breaks=("family.speculative.draft[accepted]", "family.speculative.ngram[accepted]"))
def no_draft_is_accepted() -> None:
    """Proposed tokens are compared with something else, and so all of them are thrown away."""

    def wrong(drafts, logits):
        others = (logits.argmax(dim=-1) + 1) % logits.shape[-1]
        return others.to(drafts.dtype), logits

    _change_drafts(wrong)


@fault(breaks=("family.speculative.ngram[accepted]",))
def nothing_is_ever_proposed() -> None:
    """The proposer of repeats is there, and finds none."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.init_device

    def wrong(self):
        right(self)
        drafter = getattr(self.model_runner, "drafter", None)
        # Importing its class would import numba, after which vLLM starts no engine on a CPU.
        if type(drafter).__name__ == "NgramProposer":
            drafter.propose = lambda count, sampled, *rest, **named: [[] for _ in sampled]

    SampleCpuWorker.init_device = wrong
