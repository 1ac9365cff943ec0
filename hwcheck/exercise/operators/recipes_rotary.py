"""How vLLM's rotary embeddings are constructed and used."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.operators.draws import SEEDS, TOKENS
from hwcheck.exercise.operators.trial import MODEL_DTYPE, Drawn, Recipe, Trial, Whole

__all__ = ["RECIPES"]

_POSITIONS = 64
_BASE = 10000.0
#: Angles differ in their last bits with the way in which frequencies are computed.
_SLACK = 4.0

_Settings = tuple[tuple[str, object], ...]


def _rotary(name: str, *special: tuple[str, object], sections: bool = False) -> Recipe:
    return Recipe(name=name, trials=_trials(special, sections=sections))


def _trials(special: _Settings, *, sections: bool) -> Callable[[str], SearchStrategy[Trial]]:
    @st.composite
    def trial(draw: st.DrawFn, dtype: str) -> Trial:
        size = draw(st.sampled_from((16, 64, 128)))
        rotated = size if draw(st.booleans()) else size // 2
        tokens, heads, key_heads = (
            draw(TOKENS),
            draw(st.sampled_from((1, 4))),
            draw(st.sampled_from((1, 2))),
        )
        settings = _settings(size, rotated, is_neox=sections or draw(st.booleans()))
        by_section: _Settings = ()
        planes: tuple[int, ...] = ()
        if sections:
            eighth = rotated // 8
            by_section = (("mrope_section", [eighth * 2, eighth, eighth]),)
            planes = draw(st.sampled_from(((), (3,))))
        return Trial(
            dtype=dtype,
            settings=(*settings, *by_section, *special),
            inputs=(
                Whole(shape=(*planes, tokens), below=_POSITIONS, seed=draw(SEEDS)),
                Drawn(shape=(tokens, heads * size), seed=draw(SEEDS)),
                Drawn(shape=(tokens, key_heads * size), seed=draw(SEEDS) + 100),
            ),
            # vLLM's kernels turn queries and keys in place; both are parts of the rows of qkv.
            may_change=(1, 2),
            views=(1, 2),
            slack=_SLACK,
        )

    return trial


def _settings(size: int, rotated: int, *, is_neox: bool) -> _Settings:
    return (
        ("head_size", size),
        ("rotary_dim", rotated),
        ("max_position_embeddings", _POSITIONS),
        ("base", _BASE),
        ("is_neox_style", is_neox),
        ("dtype", MODEL_DTYPE),
    )


@st.composite
def _apply(draw: st.DrawFn, dtype: str) -> Trial:
    size = draw(st.sampled_from((16, 64)))
    tokens, heads = draw(TOKENS), draw(st.sampled_from((1, 4)))
    angles = (tokens, size // 2)
    return Trial(
        dtype=dtype,
        settings=(("enforce_enable", True), ("is_neox_style", draw(st.booleans()))),
        inputs=(
            Drawn(shape=(1, tokens, heads, size), seed=draw(SEEDS)),
            Drawn(shape=angles, seed=draw(SEEDS) + 100),
            Drawn(shape=angles, seed=draw(SEEDS) + 200),
        ),
        slack=_SLACK,
    )


RECIPES = (
    _rotary("RotaryEmbedding"),
    _rotary("MRotaryEmbedding", sections=True),
    _rotary("LinearScalingRotaryEmbedding", ("scaling_factors", 2.0)),
    _rotary(
        "DynamicNTKScalingRotaryEmbedding",
        ("max_trained_positions", _POSITIONS),
        ("scaling_factor", 2.0),
    ),
    _rotary("NTKScalingRotaryEmbedding", ("scaling_factor", 2.0)),
    _rotary("YaRNScalingRotaryEmbedding", ("scaling_factor", 2.0)),
    _rotary(
        "Llama3RotaryEmbedding",
        ("scaling_factor", 8.0),
        ("low_freq_factor", 1.0),
        ("high_freq_factor", 4.0),
        ("orig_max_position", _POSITIONS),
    ),
    Recipe(name="ApplyRotaryEmb", trials=_apply),
)
