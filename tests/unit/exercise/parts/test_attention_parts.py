import sys
from types import ModuleType, SimpleNamespace

import pytest

from hwcheck.exercise.parts.attention_parts import Shape


@pytest.mark.parametrize("home", ["vllm.v1.attention.backend", "vllm.attention.backends.abstract"])
def test_shape_finds_the_kind_of_attention_where_vllm_has_it(
    home: str, monkeypatch: pytest.MonkeyPatch
):
    """
    The kinds have moved; 0.13 has them in neither `vllm.attention` nor their later home.
    """
    module = ModuleType(home)
    module.AttentionType = SimpleNamespace(DECODER="decoder")
    for name in [name for name in sys.modules if name.partition(".")[0] == "vllm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "vllm", None)
    monkeypatch.setitem(sys.modules, home, module)

    given = Shape(heads=4, head_size=64, kv_heads=2, window=None).arguments()

    assert given[8] == "decoder"
