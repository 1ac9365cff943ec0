"""What the workers of one engine tell of themselves, and how it is judged."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hwcheck.exercise.serving.workers import Rank
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["judged_share_of_heads", "judged_share_of_layers", "judged_work", "judged_world"]


def judged_world(ranks: Sequence[Rank], size: int, name: str = "world") -> ExaminedCase:
    """Judge whether there are as many workers as were asked for, each in its process and place."""
    processes = {item.process for item in ranks}
    numbers = sorted(item.rank for item in ranks)
    if len(ranks) == 1:
        # On some devices one worker uses all that there are.
        return not_measured(f"one worker serves for {size}, and on what cannot be told", name)
    if len(ranks) != size or len(processes) != size or os.getpid() in processes:
        reason = f"{len(ranks)} workers answer from {len(processes)} processes, not {size} from own"
        return replace(broken(reason, name), refusal=Refusal.IGNORED)
    if numbers != list(range(size)):
        return broken(f"the ranks of the workers are {numbers}, not {list(range(size))}", name)
    if wrong := sorted({item.world_size for item in ranks} - {size}):
        return broken(f"workers are in a group of {wrong[0]}, not of {size}", name)
    return kept(name, figures=[Figure(name="workers", value=size)])


def judged_share_of_heads(
    ranks: Sequence[Rank], layers: int, heads: int, name: str = "share"
) -> ExaminedCase:
    """Judge whether each worker keeps its part of the heads of every layer."""
    if unseen := _unseen(ranks, name):
        return unseen
    for item in ranks:
        if len(item.layers) != layers:
            reason = f"rank {item.rank} has {len(item.layers)} attention layers of {layers}"
            return broken(reason, name)
        for layer in item.layers:
            if layer.heads * len(ranks) != heads:
                return _ignored(
                    f"rank {item.rank} keeps {layer.heads} of {heads} heads of keys and values in "
                    f"{layer.name}, which {len(ranks)} ranks share",
                    name,
                )
    return kept(name)


def judged_share_of_layers(ranks: Sequence[Rank], layers: int, name: str = "share") -> ExaminedCase:
    """Judge whether each worker has layers of its own, and all of them together every layer."""
    if unseen := _unseen(ranks, name):
        return unseen
    held = Counter(layer.name for item in ranks for layer in item.layers)
    if shared := sorted(layer for layer, count in held.items() if count > 1):
        return _ignored(f"more than one rank has {shared[0]}", name)
    if len(held) != layers:
        return broken(f"the ranks have {len(held)} attention layers together, not {layers}", name)
    if idle := [item.rank for item in ranks if not item.layers]:
        return _ignored(f"rank {idle[0]} has no attention layer", name)
    return kept(name)


def judged_work(ranks: Sequence[Rank], name: str = "work") -> ExaminedCase:
    """Judge whether the layers of each worker were called."""
    calls = {item.rank: sum(layer.calls for layer in item.layers) for item in ranks}
    if not any(calls.values()):
        return not_measured("no call of vLLM's attention layers was seen in any worker", name)
    figures = [Figure(name=f"calls on rank {rank}", value=count) for rank, count in calls.items()]
    if idle := sorted(rank for rank, count in calls.items() if not count):
        return replace(
            broken(f"rank {idle[0]} computes nothing while others do", name, figures=figures),
            refusal=Refusal.IGNORED,
        )
    return kept(name, figures=figures)


def _unseen(ranks: Sequence[Rank], name: str) -> ExaminedCase | None:
    if any(item.layers for item in ranks):
        return None
    return not_measured("the workers have no attention layers of vLLM's to look at", name)


def _ignored(reason: str, name: str) -> ExaminedCase:
    return replace(broken(reason, name), refusal=Refusal.IGNORED)
