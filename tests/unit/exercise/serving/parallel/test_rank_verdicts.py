"""What workers tell of themselves, as it is judged."""

import os

from hwcheck.exercise.serving.parallel.rank_verdicts import (
    judged_share_of_heads,
    judged_share_of_layers,
    judged_work,
    judged_world,
)
from hwcheck.exercise.serving.workers import Layer, Rank
from hwcheck.model.examination import CaseState
from hwcheck.model.outcome import Refusal

OTHER = os.getpid() + 1


def layer(name: str = "0", **changes) -> Layer:
    return Layer(**{"name": name, "heads": 1, "calls": 4, **changes})


def rank(number: int, *layers: Layer, **changes) -> Rank:
    known = {"rank": number, "world_size": 2, "process": OTHER + number}
    return Rank(**{**known, "layers": layers, **changes})


def test_two_workers_in_processes_of_their_own_are_a_world():
    """
    Their ranks count up, and each knows of the other.
    """
    assert judged_world([rank(1), rank(0)], 2).state is CaseState.KEPT


def test_workers_that_are_too_few_count_as_ignored():
    """
    Two that share a process are one, and so are one in ours and one elsewhere.
    """
    for ranks in (
        [rank(0), rank(1, process=OTHER)],
        [rank(0, process=os.getpid()), rank(1)],
        [rank(0), rank(1), rank(2)],
    ):
        case = judged_world(ranks, 2)
        assert (case.state, case.refusal) == (CaseState.BROKEN, Refusal.IGNORED)


def test_worker_that_is_alone_may_use_all_devices():
    """
    Of that nothing is to be seen.
    """
    assert judged_world([rank(0)], 2).state is CaseState.NOT_MEASURED


def test_workers_with_one_place_between_them_are_wrong():
    """
    The same rank twice, and a group of one, are told.
    """
    assert "[0, 0]" in str(judged_world([rank(0), rank(0, process=OTHER + 5)], 2).reason)
    assert "group of 1" in str(judged_world([rank(0), rank(1, world_size=1)], 2).reason)


def test_each_rank_keeps_its_part_of_the_heads():
    """
    Half of the heads of every layer; all of them, or a layer less, is a fault.
    """
    right = [rank(number, layer("0"), layer("1")) for number in (0, 1)]
    whole = [rank(0, layer("0", heads=2), layer("1")), right[1]]

    assert judged_share_of_heads(right, 2, 2).state is CaseState.KEPT
    assert judged_share_of_heads(whole, 2, 2).refusal is Refusal.IGNORED
    assert "1 attention layers of 2" in str(
        judged_share_of_heads([rank(0, layer("0")), right[1]], 2, 2).reason
    )


def test_each_rank_has_layers_of_its_own():
    """
    A layer on two ranks, a layer on none, and a rank without any are faults.
    """
    zero, one = layer("0"), layer("1")

    assert judged_share_of_layers([rank(0, zero), rank(1, one)], 2).state is CaseState.KEPT
    assert "more than one rank has 1" in str(
        judged_share_of_layers([rank(0, zero, one), rank(1, one)], 2).reason
    )
    assert "not 3" in str(judged_share_of_layers([rank(0, zero), rank(1, one)], 3).reason)
    assert "rank 1 has no" in str(judged_share_of_layers([rank(0, zero, one), rank(1)], 2).reason)


def test_models_of_a_plugin_have_nothing_to_count():
    """
    Without layers of vLLM's neither share nor work is measured.
    """
    bare = [rank(0), rank(1)]

    for case in (
        judged_share_of_heads(bare, 2, 2),
        judged_share_of_layers(bare, 2),
        judged_work(bare),
    ):
        assert case.state is CaseState.NOT_MEASURED


def test_rank_that_is_never_called_is_idle():
    """
    Where another one is called, that is a fault.
    """
    idle = judged_work([rank(0, layer()), rank(1, layer(calls=0))])

    assert (idle.state, idle.refusal) == (CaseState.BROKEN, Refusal.IGNORED)
    assert judged_work([rank(0, layer()), rank(1, layer())]).state is CaseState.KEPT
