"""The contract about capabilities that are used together, each pair a case."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]

COMBINED = Contract(
    id="pairs.combined",
    profile=Profile.P4,
    title="What is demonstrated by itself holds together with each other such ability",
    relied_on_by="every deployment that uses two of them at a time",
    remedy="see the contracts of both by themselves, which hold; look for what one of them leaves "
    "behind for the other: in the batch, in the cached blocks, in the order of steps. Refuse in "
    "check_and_update_config() or validate_request() what cannot go together",
    checked="an engine with both, or requests that ask for both: every token against a float64 "
    "implementation that does both, counters and steps as a proof that both happened, and that the "
    "answers would differ without either. Engines show many pairs at once; a pair that fails is "
    "tried again in an engine that has nothing else",
    examined_in="pairs",
    group="pairs",
)

ALL = (COMBINED,)
