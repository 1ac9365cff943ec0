import pytest

from hwcheck.exercise.platforms.near_names import nearest

KNOWN = ("support_hybrid_kv_cache", "supports_fp8", "is_cuda", "manual_seed_all")


@pytest.mark.parametrize(
    "name",
    ["support_hybird_kv_cache", "support_hybrid_kvcache", "support_hybrid_kv_cachee",
     "suport_hybrid_kv_cache", "support-hybrid_kv_cache"],
)  # fmt: skip
def test_one_edit_finds_the_name_that_is_meant(name: str):
    """
    A swap, a lost, an added and a changed letter are one edit each.
    """
    assert nearest(name, KNOWN) == "support_hybrid_kv_cache"


@pytest.mark.parametrize(
    "name", ["supports_fp8", "supports_fp4", "is_cudb", "support_hybird_kvcache", "seed_all_manual"]
)
def test_other_names_are_near_none(name: str):
    """
    The name itself, another number, a short name and two edits are no slips of the hand.
    """
    assert nearest(name, KNOWN) is None
